import type { LateDebugRun } from "../late/debug-run.js";

/** What `--gdb`, `--dump` and `--trace` need, loaded when it is used. */
export function lateDebug(): LateDebugRun {
  return require("./debug-run.cjs");
}
