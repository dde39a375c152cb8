import { gzipSync } from "node:zlib";

const banner = (release: string): string =>
  `Linux version %s (me)\0Linux version ${release} (me@here) (gcc) #1 SMP\n\0`;

/** The headers of images, with the banner that every kernel has in it. */
export function elfImage(
  release: string,
  { machine = 62, bits = 64, endian = "little", pvh = "y" } = {},
): Buffer {
  const image = Buffer.alloc(0x3000);
  image.write("\x7fELF", 0, "latin1");
  image.writeUInt8(bits / 32, 4);
  image.writeUInt8(endian === "little" ? 1 : 2, 5);
  if (endian === "little") image.writeUInt16LE(machine, 18);
  else image.writeUInt16BE(machine, 18);
  // CONFIG_PVH: a segment of notes, and the one that QEMU looks for behind another.
  if (pvh === "y" && bits === 64 && endian === "little") {
    image.writeBigUInt64LE(64n, 32);
    image.writeUInt16LE(56, 54);
    image.writeUInt16LE(1, 56);
    image.writeUInt32LE(4, 64);
    image.writeBigUInt64LE(0x200n, 64 + 8);
    image.writeBigUInt64LE(0x40n, 64 + 32);
    for (const [at, type] of [
      [0x200, 1],
      [0x218, 18],
    ] as const) {
      image.writeUInt32LE(4, at);
      image.writeUInt32LE(8, at + 4);
      image.writeUInt32LE(type, at + 8);
      image.write("Xen\0", at + 12, "latin1");
    }
  }
  image.write(banner(release), 0x2000, "latin1");
  return image;
}

export function arm64Image(release: string): Buffer {
  const image = Buffer.alloc(0x3000);
  image.write("ARM\x64", 0x38, "latin1");
  image.write(banner(release), 0x2000, "latin1");
  return image;
}

export function riscvImage(release: string): Buffer {
  const image = Buffer.alloc(0x3000);
  image.write("RISCV\0\0\0RSC\x05", 0x30, "latin1");
  image.write(banner(release), 0x2000, "latin1");
  return image;
}

/** An EFI program for arm64 that unpacks itself. */
export function zbootImage(release: string): Buffer {
  const payload = gzipSync(arm64Image(release));
  const head = Buffer.alloc(0x400);
  head.write("MZ\0\0zimg", 0, "latin1");
  head.writeUInt32LE(head.length, 8);
  head.writeUInt32LE(payload.length, 12);
  head.write("gzip\0", 0x18, "latin1");
  head.writeUInt32LE(0x40, 0x3c);
  head.write("PE\0\0", 0x40, "latin1");
  head.writeUInt16LE(0xaa64, 0x44);
  return Buffer.concat([head, payload]);
}
