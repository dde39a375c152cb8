/** What an archive puts into the guest's root; paths without a slash in front. */
export type ArchiveEntry =
  | {
      readonly type: "character" | "block";
      readonly path: string;
      readonly mode: number;
      readonly gid?: number;
      readonly major: number;
      readonly minor: number;
    }
  | {
      readonly type: "directory";
      readonly path: string;
      readonly mode: number;
      readonly uid?: number;
      readonly gid?: number;
    }
  | { readonly type: "link"; readonly path: string; readonly target: string }
  | {
      readonly type: "file";
      readonly path: string;
      readonly mode: number;
      readonly gid?: number;
      readonly content: string;
    };

const TYPE_FLAGS = { file: "0", link: "2", character: "3", block: "4", directory: "5" } as const;

/** A tar archive in ustar's format, for `tar -xpm`. Source: tar(5), POSIX pax. */
export function tarArchive(entries: readonly ArchiveEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap((entry) => [header(entry), data(entry)]), Buffer.alloc(1024)]);
}

function data(entry: ArchiveEntry): Buffer {
  if (entry.type !== "file") return Buffer.alloc(0);
  const content = Buffer.from(entry.content);
  return Buffer.concat([content, Buffer.alloc(-content.length & 511)]);
}

function header(entry: ArchiveEntry): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number): void =>
    void block.write(value.toString(8).padStart(length - 1, "0"), at);
  const isDevice = entry.type === "character" || entry.type === "block";
  block.write(entry.path, 0, 100);
  octal("mode" in entry ? entry.mode : 0o777, 100, 8);
  octal("uid" in entry ? (entry.uid ?? 0) : 0, 108, 8);
  octal("gid" in entry ? (entry.gid ?? 0) : 0, 116, 8);
  octal(entry.type === "file" ? Buffer.byteLength(entry.content) : 0, 124, 12);
  octal(0, 136, 12);
  block.fill(" ", 148, 156);
  block.write(TYPE_FLAGS[entry.type], 156);
  if (entry.type === "link") block.write(entry.target, 157, 100);
  block.write("ustar\u000000", 257, "latin1");
  octal(isDevice ? entry.major : 0, 329, 8);
  octal(isDevice ? entry.minor : 0, 337, 8);
  let sum = 0;
  // Nothing stands behind the device's numbers.
  for (let at = 0; at < 345; at += 1) sum += block[at] ?? 0;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
