import { statSync } from "node:fs";

/**
 * Whose a file or directory is, where that is neither this process's user nor root: the user's number. Undefined where it is theirs, or
 * where nothing stands. A root that came by sudo trusts the one who called it: that person can do all of this anyway.
 */
export function foreignOwner(
  path: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): number | undefined {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  const self = process.geteuid?.();
  if (owner === undefined || owner === self || owner === 0) return undefined;
  if (self === 0 && env["SUDO_UID"] === String(owner)) return undefined;
  return owner;
}

/**
 * Who else may write a file, or put another one into a directory: `others`, or a `group` that is not this process's own (nor root's).
 * Undefined where nobody may, or where nothing stands. In a directory with a sticky bit, as /tmp is, nobody can replace what is another's.
 */
export function foreignWriter(
  path: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): "group" | "others" | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined || (status.isDirectory() && (status.mode & 0o1000) !== 0)) return undefined;
  if ((status.mode & 0o002) !== 0) return "others";
  if ((status.mode & 0o020) === 0) return undefined;
  const own = [0, process.getegid?.(), ...(process.geteuid?.() === 0 ? [Number(env["SUDO_GID"] ?? 0)] : [])];
  return own.includes(status.gid) ? undefined : "group";
}
