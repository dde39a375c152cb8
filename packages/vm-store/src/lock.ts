import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { type LockWish, noFlock, tryLock } from "@vm/host-files";
import type { ProcessIdentity } from "./process-identity.js";
import { readCaught } from "./caught-error.js";
import { livenessOf, ownIdentity } from "./process-identity.js";
import type { RunDebug } from "./run-debug.js";

/** Who runs a VM. */
export interface LockHolder {
  /** The process that took the lock: `vm run`. */
  readonly pid: number;
  /** When it did: ISO 8601, UTC. */
  readonly since: string;
  /** Its command, as it was typed. */
  readonly command: readonly string[];
  /** Who did; the number where the system has no name for it. */
  readonly user?: string;
  /** The kernel of the host that it boots: its release, or its file where nobody knows that. */
  readonly kernel?: string;
  /** One of several runs that write nothing: they share the lock, and the last that began is named. */
  readonly ephemeral?: true;
  /** How its guest can be looked at, where the run allows it. */
  readonly debug?: RunDebug;
}

export type LockState = ({ readonly running: true } & Partial<LockHolder>) | { readonly running: false };

export interface VmLock {
  /**
   * Hand this open file down to QEMU as one more stdio slot: the lock then lasts as long as either of the two lives, even
   * if this process is killed.
   */
  readonly fd: number;
  /** Gives the lock up, unless a child still holds it. */
  release(): void;
  /** For who knows that no child holds it: forgets who ran the VM as well, so that nobody has to ask the kernel again. */
  end(): void;
}

/** The file in a VM's directory that is locked while the VM runs; its content says by whom. It is never removed. */
export const LOCK_FILE = ".lock";

/**
 * Locks a VM for a run. The lock is the kernel's (flock(2)): it ends with the processes that hold it, so neither a dead nor
 * a reused pid can be taken for a running VM.
 * @throws VM_RUNNING, VM_NOT_LOCKABLE, FLOCK_NOT_FOUND
 */
export function lockVm(
  directory: string,
  holder: Pick<LockHolder, "command" | "debug" | "ephemeral" | "kernel">,
): VmLock {
  const fd = openAndLock(directory, { shared: holder.ephemeral === true });
  try {
    const record: LockRecord = {
      ...holder,
      user: userName(),
      since: new Date().toISOString(),
      process: ownIdentity(),
    };
    ftruncateSync(fd);
    noteHolder(fd, record);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    fd,
    release: () => closeSync(fd),
    end() {
      // Several that share it do not forget each other.
      if (holder.ephemeral !== true) ftruncateSync(fd);
      closeSync(fd);
    },
  };
}

/** On a full disk nobody hears who has the lock, which counts all the same: otherwise not even `vm rm` could make room. */
function noteHolder(fd: number, record: LockRecord): void {
  try {
    writeSync(fd, `${JSON.stringify(record)}\n`, 0);
  } catch (error) {
    const { code } = readCaught(error);
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
  }
}

/** The lock of the VM that has this name now: while somebody else had it, the directory may have been renamed or removed. */
function openAndLock(directory: string, wish: LockWish): number {
  for (let round = 1; ; round++) {
    const fd = openLockFile(directory);
    try {
      if (!takeLockWithPatience(fd, directory, wish)) throw vmRunning(directory);
      const { ino, dev } = fstatSync(fd);
      const now = statSync(join(directory, LOCK_FILE), { throwIfNoEntry: false });
      if ((now?.ino === ino && now.dev === dev) || round === 100) return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

/**
 * Whether a VM runs, and by whom. Takes the lock for an instant, and writes nothing.
 * @throws VM_NOT_LOCKABLE, FLOCK_NOT_FOUND
 */
export function readVmLock(directory: string): LockState {
  let fd: number;
  try {
    fd = openSync(join(directory, LOCK_FILE), constants.O_RDONLY);
  } catch (error) {
    // Never locked, or no VM at all.
    if (readCaught(error).code === "ENOENT") return { running: false };
    throw notLockable(directory, error);
  }
  try {
    const isFree =
      takeLock(fd, directory, { shared: true }) &&
      // Runs that share the lock are seen only by one who wants it alone; who looks holds it for an instant.
      (readRecord(directory)?.ephemeral !== true || takeLock(fd, directory, { seconds: 1 }));
    return isFree ? { running: false } : { running: true, ...readHolder(directory) };
  } finally {
    closeSync(fd);
  }
}

/** What stands in the lock's file. */
export interface LockRecord extends Omit<LockHolder, "pid"> {
  readonly process: ProcessIdentity;
}

function openLockFile(directory: string): number {
  try {
    return openSync(join(directory, LOCK_FILE), constants.O_RDWR | constants.O_CREAT, 0o666);
  } catch (error) {
    throw notLockable(directory, error);
  }
}

/**
 * A look at the lock (`readVmLock`) holds it for an instant: that is no run. So where the file names nobody who lives, a
 * second is given to it.
 */
function takeLockWithPatience(fd: number, directory: string, wish: LockWish): boolean {
  if (takeLock(fd, directory, wish)) return true;
  const record = readRecord(directory);
  if (record !== undefined && livenessOf(record.process) !== "dead") return false;
  return takeLock(fd, directory, { ...wish, seconds: 1 });
}

function sleep(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

/** True when the lock is ours now, false when somebody else holds it. */
function takeLock(fd: number, directory: string, wish: LockWish = {}): boolean {
  const answer = tryLock(fd, wish);
  if (answer.state !== "unknown") return answer.state === "taken";
  const error = noFlock(answer.cause);
  throw error === answer.cause ? notLockable(directory, error) : error;
}

function notLockable(directory: string, error: unknown): Error {
  const { code, message } = readCaught(error);
  const reason =
    code === "EROFS" || code === "EACCES" || code === "EPERM" ? "its directory is not writable" : message;
  return codedError("VM_NOT_LOCKABLE", `${basename(directory)}: cannot be locked for a run: ${reason}`, {
    hint: `A run writes to ${directory}: make it writable, or copy the VM to a directory of yours.`,
    cause: error,
  });
}

function vmRunning(directory: string): Error {
  const { pid, since, command } = readHolder(directory);
  const by = pid === undefined ? "" : ` (pid ${pid}, since ${since}: ${command?.join(" ")})`;
  return codedError("VM_RUNNING", `${basename(directory)} is already running${by}`, {
    hint: "End that run first: Ctrl-A X in its terminal.",
  });
}

/** How long a holder may take from the lock to the line that says who it is. */
const RECORD_LIMIT_MS = 100;

/**
 * What the holder wrote. It locks first and writes then, so for an instant the file is empty or says who ran it before:
 * then it is read again. If the process still is not alive afterwards, it died and its QEMU lives on.
 */
function readHolder(directory: string): Partial<LockHolder> {
  let record: LockRecord | undefined;
  for (let waitedMs = 0; waitedMs < RECORD_LIMIT_MS; waitedMs += 10) {
    record = readRecord(directory);
    if (record !== undefined && livenessOf(record.process) !== "dead") break;
    sleep(10);
  }
  if (record === undefined) return {};
  const { process, ...holder } = record;
  return { pid: process.pid, ...holder };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

function readRecord(directory: string): LockRecord | undefined {
  try {
    return parseRecord(readFileSync(join(directory, LOCK_FILE), "utf8"));
  } catch {
    return undefined;
  }
}

/** What the text of a lock's file says; undefined where it is none. */
export function parseRecord(text: string): LockRecord | undefined {
  let record: Partial<LockRecord> | null;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { process, since, command, user, kernel, ephemeral, debug } = record ?? {};
  if (process === undefined || since === undefined || command === undefined) return undefined;
  return {
    process,
    since,
    command,
    ...(user === undefined ? {} : { user }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(ephemeral === undefined ? {} : { ephemeral }),
    ...(debug === undefined ? {} : { debug }),
  };
}
