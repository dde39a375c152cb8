import type { DeclaredOption } from "../command-declaration.js";

/** A variable of what runs in the guest. */
export const environmentOption: DeclaredOption = [
  "--env <variable>",
  "NAME=VALUE, or NAME for its value here: a variable for what runs in the guest (repeatable)",
  { repeatable: true },
];
