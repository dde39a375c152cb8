import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { codedError } from "@vm/command-plan";

/** Gives the lock up. */
export type Unlock = () => void;

/**
 * Waits for a lock that belongs to this process: the kernel's (flock(2)), so it ends with us, however we end. Node has no
 * flock(2): util-linux's flock(1) takes it on our open file.
 * @throws FLOCK_NOT_FOUND, CACHE_UNUSABLE
 */
export async function lockFile(
  path: string,
  { onWait, signal }: { readonly onWait?: () => void; readonly signal?: AbortSignal } = {},
): Promise<Unlock> {
  let fd: number;
  try {
    fd = openSync(path, "a");
  } catch (cause) {
    throw codedError("CACHE_UNUSABLE", `${path} cannot be written: ${String(cause)}`, {
      hint: "Set VM_CACHE_HOME to a directory of yours.",
      cause,
    });
  }
  try {
    if (!(await flock(fd, ["-x", "-n"], signal))) {
      onWait?.();
      await flock(fd, ["-x"], signal);
    }
    signal?.throwIfAborted();
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return () => closeSync(fd);
}

function flock(fd: number, how: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn("flock", [...how, "3"], {
      stdio: ["ignore", "ignore", "ignore", fd],
      ...(signal === undefined ? {} : { signal }),
    });
    child.once("error", (cause) => {
      reject(
        signal?.aborted === true
          ? cause
          : codedError("FLOCK_NOT_FOUND", "the program flock is not installed", {
              hint: "It is part of util-linux.",
              cause,
            }),
      );
    });
    child.once("close", (code) => resolve(code === 0));
  });
}
