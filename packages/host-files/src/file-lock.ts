import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { codedError, errorCode } from "@vm/command-plan";

/*
 * Locks of the kernel (flock(2)): they end with their holders, in whatever container those live. Node has no flock(2): util-linux's
 * flock(1) takes one on our open file, as a lock belongs to the open file description, which a child shares.
 */

/** `held`: somebody else has it. `unknown`: there is no flock(1), or locks cannot be had here; `cause` says why. */
export type LockAnswer =
  | { readonly state: "taken" | "held" }
  | { readonly state: "unknown"; readonly cause: Error };

export interface LockWish {
  /** Beside others that share it. Default: alone. */
  readonly shared?: boolean;
  /** How long to wait for who holds it. Default: not at all. */
  readonly seconds?: number;
}

/** Takes the lock of an open file, or says that another one has it. It is ours until the descriptor is closed, or we die. */
export function tryLock(descriptor: number, { shared = false, seconds = 0 }: LockWish = {}): LockAnswer {
  const wait = seconds === 0 ? ["-n"] : ["-w", String(seconds)];
  const { status, stderr, error } = spawnSync("flock", [shared ? "-s" : "-x", ...wait, "3"], {
    stdio: ["ignore", "ignore", "pipe", descriptor],
    encoding: "utf8",
  });
  if (status === 0) return { state: "taken" };
  if (status === heldStatus && stderr === "") return { state: "held" };
  return { state: "unknown", cause: error ?? new Error(stderr.trim()) };
}

/** flock(1)'s exit code for a lock that somebody else holds (`-n`, `-w`). */
const heldStatus = 1;

/** What stands before a program that is to hold the lock of a file as long as it runs. */
export function lockedArgv(file: string): readonly [string, ...string[]] {
  return ["flock", "--no-fork", file];
}

/** Gives the lock up. */
export type Unlock = () => void;

/**
 * Waits for the lock of a file of the cache, which is made.
 * @throws FLOCK_NOT_FOUND, CACHE_UNUSABLE; the reason of `signal`
 */
export async function lockFile(
  path: string,
  { onWait, signal }: { readonly onWait?: () => void; readonly signal?: AbortSignal } = {},
): Promise<Unlock> {
  let descriptor: number;
  try {
    descriptor = openSync(path, "a");
  } catch (cause) {
    throw codedError("CACHE_UNUSABLE", `${path} cannot be written: ${String(cause)}`, { cause });
  }
  try {
    if (!(await flock(descriptor, ["-x", "-n"], signal))) {
      onWait?.();
      await flock(descriptor, ["-x"], signal);
    }
    signal?.throwIfAborted();
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return () => closeSync(descriptor);
}

function flock(
  descriptor: number,
  how: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn("flock", [...how, "3"], {
      stdio: ["ignore", "ignore", "ignore", descriptor],
      ...(signal === undefined ? {} : { signal }),
    });
    child.once("error", (cause) => reject(signal?.aborted === true ? cause : noFlock(cause)));
    child.once("close", (code) => resolve(code === 0));
  });
}

/** The error where flock(1) is not installed; any other is given back. */
export function noFlock(cause: Error): Error {
  if (errorCode(cause) !== "ENOENT") return cause;
  return codedError("FLOCK_NOT_FOUND", "the program flock is not installed", {
    hint: "It is part of util-linux; without it two processes could write to one file.",
    cause,
  });
}
