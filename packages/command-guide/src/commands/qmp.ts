import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const qmpCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of a guest in the background"],
    ["<command>", "a command of QMP"],
    ["[json]", "its arguments, as a JSON object"],
  ],
  options: [dryRunOption],
  notes: `
QEMU's "QMP Reference Manual" has the commands and their arguments. One command at a time: others wait until it is done.

Examples:
  vm qmp TestVM query-status
  vm qmp TestVM human-monitor-command '{"command-line": "info registers"}'
`,
};
