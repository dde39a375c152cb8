import type { CommandDeclaration } from "../command-declaration.js";
import { stopOptions } from "../options/stop-options.js";
import { dryRunOption } from "../options/dry-run.js";

export const stopCommand: CommandDeclaration = {
  arguments: [["[names...]", "names of guests"]],
  options: [
    ["--all", "all guests in the background of this directory of virtual machines"],
    ...stopOptions,
    ["--json", "print how each of them ended, as JSON"],
    dryRunOption,
  ],
  notes: `
A guest is asked to power off, as if its button were pressed. After 90 seconds (--timeout) QEMU is told to quit, and killed where it does not.

Examples:
  vm stop TestVM
  vm stop TestVM OtherVM
  vm stop --all --timeout 30
`,
};
