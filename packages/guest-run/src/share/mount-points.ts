import { readFileSync } from "node:fs";

/** A mount of this process's namespace. Paths are as they are, with nothing escaped. */
export interface MountPoint {
  readonly path: string;
  /** What of the file system is mounted: a path in it. */
  readonly root: string;
  /** `MAJOR:MINOR` of the file system. */
  readonly device: string;
  readonly type: string;
}

/** The mounts of the host, in the order in which they were made; none where there is no /proc. */
export function readMountPoints(file = "/proc/self/mountinfo"): MountPoint[] {
  try {
    return parseMountPoints(readFileSync(file, "latin1"));
  } catch {
    return [];
  }
}

/** Of bytes as Latin-1. Source: proc(5), mountinfo; show_mountinfo of the kernel's fs/proc_namespace.c. */
export function parseMountPoints(text: string): MountPoint[] {
  return text.split("\n").flatMap((line) => {
    const [, , device, root, path, ...rest] = line.split(" ");
    const type = rest[rest.indexOf("-") + 1];
    if (device === undefined || root === undefined || path === undefined || type === undefined) return [];
    return [{ device, root: unescape(root), path: unescape(path), type }];
  });
}

function unescape(field: string): string {
  if (/^[!-[\]-~]*$/.test(field)) return field;
  const bytes = field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
