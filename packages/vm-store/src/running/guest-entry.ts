import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { noFlock, tryLock, type LockWish, makeDirectory } from "@vm/host-files";
import { livenessOf, ownIdentity } from "../process-identity.js";
import type { Environment } from "../user-config.js";
import { readRecord, writeRecord, type GuestRecord, type GuestSocket } from "./guest-record.js";
import { isTrusted, makeRuntimeDirectory, runtimeDirectories } from "./runtime-directory.js";

/** A guest's own place in the runtime directory, held by this process and by those that it hands the lock to. */
export interface GuestEntry {
  /** Absolute. */
  readonly path: string;
  /** Hand it down to QEMU as one more slot of stdio: the guest lives as long as one process has it open. */
  readonly fd: number;
  /** Where a socket is to be made. Short enough for one. */
  socket(name: GuestSocket | "watch"): string;
  /** Says more of the guest, or something else. */
  update(change: Partial<GuestRecord>): void;
  /** Removes the entry, and gives the lock up, unless a child still holds it: then the entry stays, as the guest does. */
  close(): void;
}

/** Whom an entry is for. */
export type NewGuest = Omit<GuestRecord, "since" | "supervisor" | "user">;

const LOCK_FILE = "lock";

/**
 * Makes the entry of a guest that is about to run. What a dead one left under the same name is removed.
 * @throws GUEST_RUNNING when one of that name runs; RUNTIME_DIRECTORY_UNTRUSTED, RUNTIME_DIRECTORY_UNUSABLE, FLOCK_NOT_FOUND
 */
export function openGuestEntry(guest: NewGuest, env: Environment): GuestEntry {
  const key = entryName(guest);
  const path = join(makeRuntimeDirectory(env), key);
  const elsewhere = runtimeDirectories(env)
    .filter(isTrusted)
    .map((directory) => join(directory, key))
    .find((other) => other !== path && isAlive(other));
  if (elsewhere !== undefined) throw guestRunning(elsewhere, guest.name);
  const fd = lockEntry(path, guest.name);
  let record: GuestRecord = {
    ...guest,
    since: new Date().toISOString(),
    user: userName(),
    supervisor: ownIdentity(),
  };
  try {
    for (const left of readdirSync(path)) {
      if (left !== LOCK_FILE) rmSync(join(path, left), { recursive: true, force: true });
    }
    writeRecord(path, record);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    path,
    fd,
    socket: (name) => join(path, name),
    update(change) {
      record = { ...record, ...change };
      writeRecord(path, record);
    },
    close() {
      closeSync(fd);
      removeDead(path);
    },
  };
}

/** The name of an entry: one for each name in each directory of VMs. Short, as sockets are made in it. */
export function entryName({ home, name }: Pick<GuestRecord, "home" | "name">): string {
  return createHash("sha256")
    .update(`${realPath(home)}\0${name}`)
    .digest("hex")
    .slice(0, 16);
}

/** A home may not be there yet. */
export function realPath(home: string): string {
  try {
    return realpathSync(home);
  } catch {
    return resolve(home);
  }
}

/** Whether the guest of an entry lives: somebody holds the lock. What is dead is removed. */
export function isAlive(entry: string): boolean {
  const fd = openLock(entry, constants.O_RDONLY);
  if (fd === undefined) return false;
  try {
    // Shared, so that two who look do not take each other for the guest.
    if (!take(fd, { shared: true })) return true;
    if (take(fd) && isSame(fd, entry)) rmSync(entry, { recursive: true, force: true });
    return false;
  } finally {
    closeSync(fd);
  }
}

function removeDead(entry: string): void {
  try {
    isAlive(entry);
  } catch {
    // The next one who looks removes it.
  }
}

/** @returns the locked file's descriptor. @throws GUEST_RUNNING */
function lockEntry(path: string, name: string): number {
  for (;;) {
    makeDirectory(path, { mode: 0o700 });
    const fd = openLock(path, constants.O_RDWR | constants.O_CREAT);
    // Removed in between by one who saw that it was dead.
    if (fd === undefined) continue;
    let isOurs = false;
    try {
      if (!take(fd) && !takeFromLooker(fd, path)) throw guestRunning(path, name);
      isOurs = isSame(fd, path);
      if (isOurs) return fd;
    } finally {
      if (!isOurs) closeSync(fd);
    }
  }
}

/** A look at the lock holds it for an instant: where the entry names nobody who lives, a second is given to it. */
function takeFromLooker(fd: number, path: string): boolean {
  const record = readRecord(path);
  if (record !== undefined && livenessOf(record.supervisor) !== "dead") return false;
  return take(fd, { seconds: 1 });
}

function openLock(entry: string, flags: number): number | undefined {
  try {
    return openSync(join(entry, LOCK_FILE), flags, 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether the open file still is the one that stands there. */
function isSame(fd: number, entry: string): boolean {
  const there = statSync(join(entry, LOCK_FILE), { throwIfNoEntry: false });
  const { ino, dev } = fstatSync(fd);
  return there?.ino === ino && there.dev === dev;
}

function take(fd: number, wish: LockWish = {}): boolean {
  const answer = tryLock(fd, wish);
  if (answer.state === "unknown") throw noFlock(answer.cause);
  return answer.state === "taken";
}

function guestRunning(path: string, name: string): Error {
  const record = readRecord(path);
  const by = record === undefined ? "" : ` (since ${record.since}: ${record.command.join(" ")})`;
  return codedError("GUEST_RUNNING", `${name} is already running${by}`, {
    hint: "End that run first with vm stop, or choose another name.",
  });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return String(process.geteuid?.() ?? 0);
  }
}
