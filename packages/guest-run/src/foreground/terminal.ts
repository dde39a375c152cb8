import { spawnSync } from "node:child_process";

/**
 * Sets the terminal on standard input to `modes` (from `stty -g`). QEMU does it itself whenever it ends in an orderly
 * way; this is for when it was killed.
 */
export function restoreTerminal(modes: string): void {
  // A time limit, because a process in the background is stopped when it sets a terminal's modes.
  spawnSync("stty", [modes], {
    stdio: ["inherit", "ignore", "ignore"],
    timeout: 2000,
    killSignal: "SIGKILL",
  });
}
