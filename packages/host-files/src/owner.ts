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
