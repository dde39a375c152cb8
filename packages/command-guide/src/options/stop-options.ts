import type { DeclaredOption } from "../command-declaration.js";

/** How guests are ended. */
export const stopOptions: readonly DeclaredOption[] = [
  ["-f, --force", "end QEMU at once: what the guest has not written yet is lost"],
  ["--timeout <seconds>", "end QEMU when the guest has not powered off by then (default: 90)"],
];
