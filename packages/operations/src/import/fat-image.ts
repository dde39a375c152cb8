/** A file in the top directory of a FAT file system. */
export interface FatFile {
  /** At most 255 characters of ASCII. */
  readonly name: string;
  readonly content: string;
}

const SECTOR = 512;
const ENTRY = 32;

/**
 * The smallest FAT12 file system that holds a few small files, the same bytes each time: what a guest needs at its first boot, made with no
 * program. Source: "FAT: General Overview of On-Disk Format" of Microsoft, 1.03.
 * @param label at most 11 characters, upper case
 */
export function fatImage(label: string, files: readonly FatFile[]): Buffer {
  const contents = files.map(({ content }) => Buffer.from(content));
  const root = directory(label, files, contents);
  const used = contents.reduce((sum, { length }) => sum + sectors(length), 0);
  // At least one cluster. Each has one sector, and one and a half bytes in the table, behind two that are reserved.
  const clusters = Math.max(used, 1);
  const tableSectors = sectors(Math.ceil(((clusters + 2) * 3) / 2));
  const total = 1 + 2 * tableSectors + root.length / SECTOR + clusters;
  if (clusters > 4084) throw new RangeError("more than FAT12 holds");
  const table = allocation(contents, tableSectors);
  const boot = bootSector(label, { total, tableSectors, rootEntries: root.length / ENTRY });
  const image = Buffer.concat([boot, table, table, root, ...contents.map(padded)]);
  return Buffer.concat([image, Buffer.alloc(total * SECTOR - image.length)]);
}

function sectors(bytes: number): number {
  return Math.ceil(bytes / SECTOR);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(sectors(bytes.length) * SECTOR - bytes.length)]);
}

function bootSector(
  label: string,
  sizes: { readonly total: number; readonly tableSectors: number; readonly rootEntries: number },
): Buffer {
  const boot = Buffer.alloc(SECTOR);
  boot.set([0xeb, 0x3c, 0x90]);
  boot.write("MSDOS5.0", 3);
  boot.writeUInt16LE(SECTOR, 11);
  // Sectors of a cluster, reserved sectors, tables.
  boot.set([1, 1, 0, 2], 13);
  boot.writeUInt16LE(sizes.rootEntries, 17);
  boot.writeUInt16LE(sizes.total, 19);
  // A fixed disk.
  boot[21] = 0xf8;
  boot.writeUInt16LE(sizes.tableSectors, 22);
  // Sectors of a track, and heads: something that is not zero.
  boot.writeUInt16LE(32, 24);
  boot.writeUInt16LE(2, 26);
  boot.set([0x80, 0, 0x29], 36);
  boot.write("VMVM", 39);
  boot.write(label.padEnd(11), 43);
  boot.write("FAT12   ", 54);
  boot.set([0x55, 0xaa], 510);
  return boot;
}

/** Each file's clusters one behind the other. */
function allocation(contents: readonly Buffer[], tableSectors: number): Buffer {
  const table = Buffer.alloc(tableSectors * SECTOR);
  const set = (cluster: number, value: number): void => {
    const at = cluster + (cluster >> 1);
    const old = table.readUInt16LE(at);
    table.writeUInt16LE(cluster % 2 === 0 ? (old & 0xf000) | value : (old & 0x000f) | (value << 4), at);
  };
  set(0, 0xff8);
  set(1, 0xfff);
  let cluster = 2;
  for (const { length } of contents) {
    for (let left = sectors(length); left > 0; left--) {
      set(cluster, left === 1 ? 0xfff : cluster + 1);
      cluster++;
    }
  }
  return table;
}

function directory(label: string, files: readonly FatFile[], contents: readonly Buffer[]): Buffer {
  const entries: Buffer[] = [entry(label.padEnd(11), { attributes: 0x08 })];
  let cluster = 2;
  for (const [index, { name }] of files.entries()) {
    const length = contents[index]?.length ?? 0;
    const short = `FILE${String(index + 1).padStart(4, "0")}   `;
    entries.push(...longNames(name, short));
    entries.push(entry(short, { attributes: 0x20, cluster: length === 0 ? 0 : cluster, length }));
    cluster += sectors(length);
  }
  return padded(Buffer.concat(entries));
}

function entry(
  name: string,
  {
    attributes,
    cluster = 0,
    length = 0,
  }: { readonly attributes: number; readonly cluster?: number; readonly length?: number },
): Buffer {
  const bytes = Buffer.alloc(ENTRY);
  bytes.write(name);
  bytes[11] = attributes;
  // 1 January 1980: of creation, access and change.
  for (const at of [16, 18, 24]) bytes.writeUInt16LE(0x21, at);
  bytes.writeUInt16LE(cluster, 26);
  bytes.writeUInt32LE(length, 28);
  return bytes;
}

/** The entries before the short one that hold the real name, 13 characters each, the last part first. */
function longNames(name: string, short: string): Buffer[] {
  const checksum = [...Buffer.from(short)].reduce(
    (sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff,
    0,
  );
  const parts = name.match(/.{1,13}/gs) ?? [];
  return parts
    .map((part, index) => {
      const bytes = Buffer.alloc(ENTRY, 0xff);
      bytes[0] = (index + 1) | (index === parts.length - 1 ? 0x40 : 0);
      bytes[11] = 0x0f;
      bytes[12] = 0;
      bytes[13] = checksum;
      bytes.writeUInt16LE(0, 26);
      for (const [at, place] of places.slice(0, part.length + 1).entries()) {
        bytes.writeUInt16LE(part.charCodeAt(at) || 0, place);
      }
      return bytes;
    })
    .toReversed();
}

/** Where the characters of a part stand in an entry. */
const places: readonly number[] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
