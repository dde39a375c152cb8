import { readFileSync, realpathSync } from "node:fs";
import { isWithin } from "./path-within.js";

/** Who hears of a flock(2) on a file: the file system carries it to other machines, keeps it on this one, or nobody knows. */
export type LockReach = "every machine" | "this machine" | "unknown";

export interface LockedMount {
  /** As /proc/self/mountinfo has it: `nfs4`, `fuse.sshfs`. */
  readonly type: string;
  readonly reach: LockReach;
}

/** File systems of one machine: whoever else can lock their files runs here. */
const ofOneMachine: ReadonlySet<string> = new Set(
  "bcachefs btrfs exfat ext2 ext3 ext4 f2fs fuseblk ntfs3 overlay ramfs squashfs tmpfs vfat xfs zfs".split(
    " ",
  ),
);

/**
 * How far locks of files in a directory reach. Sources: nfs(5) (`local_lock`, `nolock`), mount.cifs(8) (`nobrl`), mount.lustre(8) (`flock`,
 * `localflock`); sshfs and 9p of QEMU keep locks in the kernel that mounted them.
 *
 * @param mountinfo text of /proc/self/mountinfo (proc_pid_mountinfo(5))
 * @returns undefined where no mount of the text has the directory
 */
export function lockReach(
  directory: string,
  mountinfo: string = readFileSync("/proc/self/mountinfo", "utf8"),
): LockedMount | undefined {
  const place = resolved(directory);
  let found: { readonly point: string; readonly type: string; readonly options: string } | undefined;
  for (const line of mountinfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const point = unescaped(before.split(" ")[4] ?? "");
    const [type = "", , options = ""] = after.split(" ");
    if (type === "" || !isWithin(place, point)) continue;
    // Of two mounts on one place the later one is seen.
    if (found === undefined || point.length >= found.point.length) found = { point, type, options };
  }
  return found && { type: found.type, reach: reachOf(found.type, new Set(found.options.split(","))) };
}

function reachOf(type: string, options: ReadonlySet<string>): LockReach {
  const has = (...names: readonly string[]): boolean => names.some((name) => options.has(name));
  if (ofOneMachine.has(type)) return "every machine";
  if (/^nfs4?$/.test(type))
    return has("nolock", "local_lock=all", "local_lock=flock") ? "this machine" : "every machine";
  if (type === "cifs" || type === "smb3") return has("nobrl") ? "this machine" : "every machine";
  if (type === "lustre") return has("flock") ? "every machine" : "this machine";
  if (type === "ceph" || type === "gfs2" || type === "ocfs2" || type === "gpfs") return "every machine";
  if (type === "fuse.sshfs" || type === "9p" || type === "afs") return "this machine";
  return "unknown";
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/** Of what is not there yet the place where it would be. */
function resolved(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}
