import { spawnSync } from "node:child_process";

/** `taken`: ours until the descriptor is closed, or we die. `held`: somebody else's. `unknown`: locks cannot be had here. */
export type LockAnswer = "taken" | "held" | "unknown";

/**
 * Takes the lock of an open file, or says that another process has it. It is the kernel's (flock(2)), so it ends with its holder, in
 * whatever container that one lives. Node has no flock(2): util-linux's flock(1) takes it on our open file, as a lock belongs to the open
 * file description, which a child shares.
 */
export function tryLock(descriptor: number): LockAnswer {
  // Not imported: whoever finds what it wants in the cache locks nothing.
  const { status, stderr } = spawnSync("flock", ["-x", "-n", "3"], {
    stdio: ["ignore", "ignore", "pipe", descriptor],
  });
  if (status === 0) return "taken";
  return status === heldStatus && stderr.length === 0 ? "held" : "unknown";
}

/** flock(1)'s exit code for a lock that somebody else holds (`-n`). */
const heldStatus = 1;
