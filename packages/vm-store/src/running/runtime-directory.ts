import { chmodSync, lstatSync, mkdirSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { readCaught } from "../caught-error.js";
import type { Environment } from "../user-config.js";

/** The address of a UNIX socket holds 108 bytes, with a zero at its end (unix(7)). */
const SOCKET_PATH_BYTES = 107;
/** The longest path below the directory: an entry's name and a socket in it, with slashes. */
const LONGEST_BELOW = 32;

/**
 * Where entries of running guests can be, the first being for new ones: `vm` in the user's runtime directory ($XDG_RUNTIME_DIR, else
 * /run/user/UID), where that is their own and short enough for sockets; else a private directory in /tmp. A guest that was started
 * where there was no runtime directory (cron, su) is found by who has one.
 */
export function runtimeDirectories(env: Environment): readonly [string, ...string[]] {
  const uid = ownUid();
  const given = env["XDG_RUNTIME_DIR"] ?? "";
  const last = join("/tmp", `vm-${uid}`);
  const usable = [given, `/run/user/${uid}`]
    .filter(
      (parent) =>
        parent.startsWith("/") &&
        isPrivate(
          look(() => statSync(parent)),
          uid,
        ),
    )
    .map((parent) => join(parent, "vm"))
    .filter((path) => Buffer.byteLength(path) + LONGEST_BELOW <= SOCKET_PATH_BYTES);
  const [first = last, ...others] = new Set([...usable, last]);
  return [first, ...others];
}

/**
 * The directory for new entries, made where it is not there; nobody else can look into it.
 * @throws RUNTIME_DIRECTORY_UNTRUSTED, RUNTIME_DIRECTORY_UNUSABLE
 */
export function makeRuntimeDirectory(env: Environment): string {
  const [path] = runtimeDirectories(env);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    if (readCaught(cause).code !== "EEXIST") throw unusable(path, cause);
  }
  if (!isTrusted(path)) {
    throw codedError("RUNTIME_DIRECTORY_UNTRUSTED", `${path} is no directory of yours`, {
      hint: "Sockets of running guests are kept there. Set XDG_RUNTIME_DIR to a directory of your own that nobody else can write.",
    });
  }
  try {
    chmodSync(path, 0o700);
  } catch (cause) {
    throw unusable(path, cause);
  }
  return path;
}

/** Whether what stands there is a directory of ours: only then its entries are read. */
export function isTrusted(path: string): boolean {
  // Links are not followed: in /tmp anybody can put one.
  const stats = look(() => lstatSync(path));
  return stats?.isDirectory() === true && stats.uid === ownUid();
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}

function isPrivate(stats: Stats | undefined, uid: number): boolean {
  return stats?.isDirectory() === true && stats.uid === uid && (stats.mode & 0o022) === 0;
}

/** Undefined where nothing stands, or what stands cannot be looked at. */
function look(at: () => Stats): Stats | undefined {
  try {
    return at();
  } catch {
    return undefined;
  }
}

function unusable(path: string, cause: unknown): Error {
  return codedError("RUNTIME_DIRECTORY_UNUSABLE", `${path} cannot be made: ${readCaught(cause).message}`, {
    hint: "Sockets of running guests are kept there. Set XDG_RUNTIME_DIR to a directory of your own that nobody else can write.",
    cause,
  });
}
