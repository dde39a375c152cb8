import type { CommandDeclaration } from "../command-declaration.js";
import { stopOptions } from "../options/stop-options.js";
import { dryRunOption } from "../options/dry-run.js";

export const restartCommand: CommandDeclaration = {
  arguments: [["<name>", "name of a guest in the background"]],
  options: [
    ...stopOptions,
    ["--no-wait", "return as soon as QEMU runs, instead of when the guest is up"],
    dryRunOption,
  ],
  notes: `
The guest is stopped as vm stop does it, and started again as it was: with the same kernel, which is looked up anew, and the same options.

Examples:
  vm restart TestVM
  make && vm restart TestVM                 the kernel that was just built
`,
};
