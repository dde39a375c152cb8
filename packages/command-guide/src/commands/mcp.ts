import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const mcpCommand: CommandDeclaration = {
  options: [
    ["--allow-write <directory>", "let it write below this directory (repeatable)", { repeatable: true }],
    dryRunOption,
  ],
  notes: `
A server of the Model Context Protocol on standard input and output, for agents and editors: kernels, configurations, commands and tests in
guests, reports, virtual machines. What would write to this machine is refused, but for vm's own cache and what --allow-write names.

Examples:
  vm mcp
  vm mcp --allow-write ~/linux --allow-write ~/results
`,
};
