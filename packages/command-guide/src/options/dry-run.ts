import type { DeclaredOption } from "../command-declaration.js";

/** The option that every command has. */
export const dryRunOption: DeclaredOption = [
  "-n, --dry-run",
  "print a shell script that does the same, and do nothing else",
];
