import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { tryLock } from "./file-lock.js";
import { randomName } from "./random-name.js";

/*
 *     CACHE/ROOM/.new-x8Qz1P/   a draft; its name is random: the pids of two containers are the same
 *       lock                    locked by its maker for as long as that one lives
 *       content/                what is being made
 *     CACHE/ROOM/.old-x8Qz1P/   the same, being removed: whoever sees it may go on with that
 */

/**
 * Makes something in a new directory of a room of the cache, for `work` to rename into its place in that room. Whatever happens, the directory is
 * gone afterwards: at once, also when this process is killed, and at the latest when the next one makes something there. A draft
 * whose maker lives is never touched, wherever that one runs.
 *
 * @throws `CACHE_UNUSABLE` where no draft can be made; and what `work` throws
 */
export function withDraft<Result>(room: string, work: (directory: string) => Result): Result {
  const draft = openDraft(room);
  try {
    return work(draft.content);
  } finally {
    closeDraft(draft);
  }
}

/** The same, for work that waits for programs. */
export async function withDraftUntil<Result>(
  room: string,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const draft = openDraft(room);
  try {
    return await work(draft.content);
  } finally {
    closeDraft(draft);
  }
}

interface Draft {
  readonly path: string;
  readonly content: string;
  readonly lock: number;
}

function openDraft(room: string): Draft {
  removeAbandoned(room);
  try {
    const path = mkdtempSync(join(room, prefix));
    // Its lock gets its name when it is taken: until then nobody asks whether it is.
    const unnamed = join(path, "lock.new");
    const lock = openSync(unnamed, "wx+", 0o600);
    if (tryLock(lock).state === "taken") renameSync(unnamed, join(path, lockName));
    const content = join(path, "content");
    mkdirSync(content);
    cleanUpAfterUs(path);
    return { path, content, lock };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("CACHE_UNUSABLE", `nothing can be made in ${room}: ${reason}`, {
      hint: "Is there space left?",
      cause,
    });
  }
}

function closeDraft({ path, lock }: Draft): void {
  removeDraft(path);
  closeSync(lock);
}

const prefix = ".new-";
const removedPrefix = ".old-";
const lockName = "lock";

/** The caller has the draft's lock, or knows that nobody has. */
function removeDraft(path: string): void {
  const removed = removedDraftName(path);
  try {
    renameSync(path, removed);
  } catch {
    // Another one was faster, or the name cannot be changed.
    rmSync(path, { recursive: true, force: true });
    return;
  }
  rmSync(removed, { recursive: true, force: true });
}

/**
 * A draft is renamed before it is removed. Its remover may be killed half-way, when the lock is gone and the rest is not: under its
 * own name that would look like a draft that was begun this instant.
 */
function removedDraftName(path: string): string {
  return join(dirname(path), removedPrefix + basename(path).slice(prefix.length));
}

/**
 * A process of its own that waits for our lock, which it gets when we are done or dead, and removes what is left of the draft: half a
 * gigabyte of an unpacked package would else lie there until the next one is unpacked.
 */
function cleanUpAfterUs(path: string): void {
  const script = 'exec 9<"$0/lock" && flock -x 9 && mv -- "$0" "$1" && rm -rf -- "$1"';
  const janitor = spawn("/bin/sh", ["-c", script, path, removedDraftName(path)], {
    stdio: "ignore",
    detached: true,
    cwd: "/",
  });
  // Without it the next one who makes something does its work.
  janitor.on("error", () => undefined);
  janitor.unref();
}

/** Where an entry of a room is put first that is to be removed: nobody sees half of it, and whoever is killed then, another one goes on. */
export function removedName(path: string): string {
  return join(dirname(path), removedPrefix + randomName());
}

/** The drafts of a room whose makers are dead, and what somebody began to remove. */
export function abandonedDrafts(room: string): string[] {
  return namesIn(room)
    .map((name) => join(room, name))
    .filter((path) => {
      try {
        const name = basename(path);
        return name.startsWith(removedPrefix) || (name.startsWith(prefix) && isAbandoned(path));
      } catch {
        // Another one removes it at this moment.
        return false;
      }
    });
}

function removeAbandoned(room: string): void {
  for (const path of abandonedDrafts(room)) {
    try {
      if (basename(path).startsWith(removedPrefix)) rmSync(path, { recursive: true, force: true });
      else removeDraft(path);
    } catch {
      // Another one removes it at this moment, or holds something in it that only it may remove.
    }
  }
}

/** A room that cannot be read is for `openDraft` to complain of. */
function namesIn(room: string): string[] {
  try {
    return readdirSync(room);
  } catch {
    return [];
  }
}

function isAbandoned(path: string): boolean {
  let lock: number;
  try {
    lock = openSync(join(path, lockName), "r+");
  } catch {
    // Made this instant; or where locks cannot be had; or by an older vm, with no lock.
    return isOld(path);
  }
  try {
    const { state } = tryLock(lock);
    return state === "taken" || (state === "unknown" && isOld(path));
  } finally {
    closeSync(lock);
  }
}

function isOld(path: string): boolean {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > dayMs;
}

const dayMs = 86_400_000;
