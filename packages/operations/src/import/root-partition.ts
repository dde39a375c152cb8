/** Where the root file system is on a disk: the number of its partition; 0: the whole disk; undefined: nobody can tell. */
export type RootPartition = number | undefined;

/** How much of a disk's beginning is looked at. */
export const headBytes: number = 68 * 1024;

/**
 * What most probably is the root file system: the largest partition of Linux's types, or the whole disk where it begins with a file system.
 * Source: UEFI specification 2.10, chapter 5; include/uapi/linux/magic.h.
 */
export function rootPartition(head: Buffer): RootPartition {
  if (head.length < 1024) return undefined;
  if (head.toString("latin1", 512, 520) === "EFI PART") return largest(gptPartitions(head));
  if (beginsWithFileSystem(head)) return 0;
  return head.readUInt16LE(510) === 0xaa55 ? largest(mbrPartitions(head)) : undefined;
}

interface Partition {
  readonly number: number;
  readonly sectors: bigint;
}

function largest(partitions: readonly Partition[]): RootPartition {
  return partitions.toSorted((a, b) => (a.sectors < b.sectors ? 1 : a.sectors > b.sectors ? -1 : 0))[0]
    ?.number;
}

/**
 * As they stand on the disk: "Linux filesystem", and root partitions of the Discoverable Partitions Specification: x86-64, x86, arm64, arm,
 * riscv64, s390x, ppc64le.
 */
const linuxTypes: ReadonlySet<string> = new Set([
  "af3dc60f838472478e793d69d8477de4",
  "e3bc684fcde8b14d96e7fbcaf984b709",
  "4095474497f2b2419af7d131d5f0458a",
  "45b021b9f01dc341af444c6f280d3fae",
  "10d7da69e42c3c4eb16c21a1d49abed3",
  "a670ec7274cfe640bd494bda08e8f224",
  "a9d9ea5e09fe1e4aa1d7520d00531306",
  "e6451cc3393f2e4180fb4809c4980599",
]);

function gptPartitions(head: Buffer): Partition[] {
  const first = Number(head.readBigUInt64LE(512 + 72)) * 512;
  const count = Math.min(head.readUInt32LE(512 + 80), 128);
  const size = head.readUInt32LE(512 + 84);
  if (size < 128) return [];
  const partitions: Partition[] = [];
  for (let index = 0; index < count; index++) {
    const at = first + index * size;
    if (at + 128 > head.length) break;
    if (!linuxTypes.has(head.toString("hex", at, at + 16))) continue;
    partitions.push({
      number: index + 1,
      sectors: head.readBigUInt64LE(at + 40) - head.readBigUInt64LE(at + 32),
    });
  }
  return partitions;
}

function mbrPartitions(head: Buffer): Partition[] {
  return [1, 2, 3, 4].flatMap((number) => {
    const at = 446 + (number - 1) * 16;
    return head[at + 4] === 0x83 ? [{ number, sectors: BigInt(head.readUInt32LE(at + 12)) }] : [];
  });
}

/** ext2 to ext4, XFS, btrfs, f2fs, erofs, squashfs. */
const magics: readonly (readonly [at: number, hex: string])[] = [
  [1080, "53ef"],
  [0, "58465342"],
  [65_600, "5f42485266535f4d"],
  [1024, "1020f5f2"],
  [1024, "e2e1f5e0"],
  [0, "68737173"],
];

function beginsWithFileSystem(head: Buffer): boolean {
  return magics.some(([at, hex]) => head.toString("hex", at, at + hex.length / 2) === hex);
}
