import { spawn } from "node:child_process";
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoomNames } from "@vm/host-files";
import type { Host } from "../host.js";

/** Its time is that of the last look at the cache's size. */
const stampName = "pruned";

/** Adding up the sizes takes a second with some builds of kernels: not after each run. */
const intervalMs = 10 * 60_000;

/**
 * Keeps the cache within its limit: after something was made in it, a process of its own does what `vm cache prune` does, at most every ten
 * minutes, and nobody waits for it.
 */
export function keepCacheLimit({ cacheDir, program, env }: Pick<Host, "cacheDir" | "env" | "program">): void {
  const stamp = join(cacheDir, stampName);
  try {
    const lookedMs = timeOf(stamp);
    if (lookedMs !== undefined && Date.now() - lookedMs < intervalMs) return;
    const rooms = cacheRoomNames.map((room) => timeOf(join(cacheDir, room)) ?? 0);
    if (lookedMs === undefined) {
      // Of a new cache nothing has to go.
      if (Math.max(...rooms) > 0) writeFileSync(stamp, "", { flag: "wx", mode: 0o600 });
      return;
    }
    if (Math.max(...rooms) <= lookedMs) return;
    const now = Date.now() / 1000;
    utimesSync(stamp, now, now);
  } catch {
    // A cache that cannot be written: then nothing was made in it either.
    return;
  }
  const [file, ...first] = program;
  const pruner = spawn(file, [...first, "cache", "prune"], {
    cwd: "/",
    env,
    stdio: "ignore",
    detached: true,
  });
  pruner.on("error", () => undefined);
  pruner.unref();
}

function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
