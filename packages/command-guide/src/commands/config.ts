import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const configCommand: CommandDeclaration = {
  arguments: [["[name]", "name of the virtual machine"]],
  options: [
    ["--effective", "what counts by default in this directory, and who says it"],
    ["--json", "print that as a JSON array"],
    dryRunOption,
  ],
  notes: `
Without a name, --effective prints what counts where the command line does not say it: of the vm.config.json that is nearest upwards,
of ~/.config/vm/config.json, and what is built in; a line for each key, with its value and who says it.

Examples:
  vm config TestVM | jq .kernelCmdline
  vm config --effective
  VM_CONFIG=none vm config --effective --json
`,
};
