import { codedError } from "@vm/command-plan";

/** A file of an archive. Paths have no slash in front; the directories of a path must come as entries of their own. */
export type ArchiveEntry =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | {
      readonly kind: "character-device";
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

/**
 * Writes a cpio archive of the kind that the kernel unpacks as an initramfs (`newc`), with nothing in it but what it is
 * given: sorted by path, owned by root, no time, inode numbers from 1. Source: the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst.
 *
 * @throws `CPIO_PATH_INVALID` for a path that is empty, absolute, or climbs, or that comes twice
 */
export function renderCpio(entries: readonly ArchiveEntry[]): Buffer {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const parts: Uint8Array[] = [];
  let previous = "";
  for (const [index, entry] of sorted.entries()) {
    checkPath(entry.path, previous);
    previous = entry.path;
    parts.push(...member(entry, index + 1));
  }
  parts.push(
    ...record({ inode: 0, mode: 0, links: 1, device: [0, 0], path: trailer, content: new Uint8Array() }),
  );
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  parts.push(Buffer.alloc(padding(size, 512)));
  return Buffer.concat(parts);
}

const trailer = "TRAILER!!!";

function checkPath(path: string, previous: string): void {
  const climbs = path.split("/").some((name) => name === "" || name === "." || name === "..");
  if (!climbs && path !== previous && path !== trailer && !path.includes("\0")) return;
  throw codedError(
    "CPIO_PATH_INVALID",
    `${JSON.stringify(path)} cannot be in an initramfs, or is there twice.`,
  );
}

function member(entry: ArchiveEntry, inode: number): Uint8Array[] {
  const { path } = entry;
  const plain = { inode, path, links: 1, device: [0, 0] as const, content: new Uint8Array() };
  switch (entry.kind) {
    case "directory":
      return record({ ...plain, mode: 0o040755, links: 2 });
    case "file":
      return record({ ...plain, mode: 0o100000 | entry.mode, content: entry.content });
    case "link":
      return record({ ...plain, mode: 0o120777, content: Buffer.from(entry.target) });
    case "character-device":
      return record({ ...plain, mode: 0o020000 | entry.mode, device: [entry.major, entry.minor] });
    default:
      return entry satisfies never;
  }
}

interface Member {
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly device: readonly [major: number, minor: number];
  readonly path: string;
  readonly content: Uint8Array;
}

function record({ inode, mode, links, device, path, content }: Member): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const fields = [
    inode,
    mode,
    0, // owner
    0, // group
    links,
    0, // time
    content.length,
    0, // device that the file is on
    0,
    ...device,
    name.length,
    0, // checksum, which this format does not use
  ];
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [
    head,
    name,
    Buffer.alloc(padding(head.length + name.length, 4)),
    content,
    Buffer.alloc(padding(content.length, 4)),
  ];
}

function padding(size: number, unit: number): number {
  return (unit - (size % unit)) % unit;
}
