import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const doctorCommand: CommandDeclaration = {
  options: [
    ["-k, --kernel <build>", "look at this kernel as well: all that vm run -k takes"],
    ["--json", "print a JSON document"],
    dryRunOption,
  ],
  notes: `
Each thing is tried for real, with a time limit: QEMU is started, a guest runs under KVM, a disk image is made, a program compiled.
Ends with 0 when nothing is missing, with 1 when vm run cannot work (BROKEN), with 3 when only a part of vm cannot (LIMITED).

Examples:
  vm doctor
  vm doctor -k ~/linux
  vm doctor --json | jq -r .command
`,
};
