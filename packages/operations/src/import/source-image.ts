import { spawnSync } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { codedError, errorCode, findProgram } from "@vm/command-plan";
import { formatAt, openRegular } from "@vm/host-files";
import type { Host } from "../host.js";
import { qemuImg } from "../keep/qemu-img.js";
import { headBytes } from "./root-partition.js";
import { strangeExtent } from "./vmdk-extents.js";

/** What images are made of, by qemu-img's names. */
export type ImageFormat = "qcow2" | "raw" | "vdi" | "vhdx" | "vmdk" | "vpc";

/** An image that a VM's disk is made of; nothing of it was changed. */
export interface SourceImage {
  /** Absolute. */
  readonly path: string;
  readonly format: ImageFormat;
  /** The program, with its options, that writes what is in it to standard output; undefined where it is not compressed. */
  readonly decompress?: readonly [string, ...string[]];
  /** Bytes that the guest sees; undefined where only unpacking would tell. */
  readonly sizeBytes?: number;
  /** The beginning of the disk, as the guest sees it; undefined as `sizeBytes`. */
  readonly head?: Buffer;
}

/**
 * Looks at an image, and checks it: it is whole, and stands on nothing else. Images come from anywhere, and one that names another file would
 * bring that into the guest.
 * @param format what it is, where its first bytes are not to say it
 * @throws `IMAGE_UNREADABLE`, `IMAGE_UNKNOWN`, `IMAGE_DAMAGED`, `IMAGE_NOT_ALONE`, `IMAGE_ENCRYPTED`, `PROGRAM_NOT_FOUND`, `QEMU_IMG_NOT_FOUND`
 */
export async function lookAtImage(
  given: string,
  format: ImageFormat | undefined,
  host: Host,
): Promise<SourceImage> {
  const path = resolve(host.cwd, given);
  const bytes = readHead(path);
  const compression = formatAt(bytes, 0);
  if (compression === null || format !== undefined) {
    const known = format ?? formatOf(bytes, path);
    // First by its header: another program would open what it stands on.
    if (known === "qcow2" && formatOf(bytes, path) === known) checkQcow2Alone(bytes, path);
    if (known === "vmdk") checkExtents(path);
    const facts = await inspect(path, known, host);
    await checkWhole(path, known, host);
    return { path, format: known, ...facts, head: await diskHead(path, known, host) };
  }
  const { argv } = compression;
  const [name, ...options] = argv;
  if (findProgram(name, host.env, host.cwd) === undefined) {
    throw codedError("PROGRAM_NOT_FOUND", `${path} is compressed, and ${name} is not installed`, {
      hint: `Install it: Debian's package ${name === "xz" ? "xz-utils" : name}.`,
    });
  }
  // One stream only, and little memory, is for kernels.
  const decompress = [name, ...options.filter((option) => option !== "--single-stream")] as const;
  const inner = beginningOf(decompress, path, host);
  const packed = formatOf(inner, path);
  if (packed !== "qcow2" && packed !== "raw") {
    throw codedError("IMAGE_UNKNOWN", `${path} is a ${packed} image in ${compression.name}`, {
      hint: "Unpack it first: only qcow2 and raw images can be taken as they come.",
    });
  }
  if (packed === "qcow2") checkQcow2Alone(inner, path);
  return { path, format: packed, decompress, ...(packed === "raw" ? { head: inner } : {}) };
}

function readHead(path: string): Buffer {
  try {
    const descriptor = openRegular(path);
    try {
      const bytes = Buffer.alloc(headBytes);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, headBytes, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const reason =
      errorCode(cause) === "ENOENT" ? "there is no such file" : cause instanceof Error ? cause.message : "";
    throw codedError("IMAGE_UNREADABLE", `${path}: the image cannot be read: ${reason}`, {
      hint: "Give the path of an image: qcow2, raw, vmdk, vdi or vhdx, also in xz or zstd.",
      cause,
    });
  }
}

/** QEMU's own limit of a description. Source: block/vmdk.c. */
const mostDescription = 20 << 20;

/** Before qemu-img opens whatever a vmdk of several files names. @throws `IMAGE_NOT_ALONE` */
function checkExtents(path: string): void {
  const descriptor = openRegular(path);
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(descriptor).size, mostDescription));
    const strange = strangeExtent(bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0)), path);
    if (strange === undefined) return;
    if (strange.what === "elsewhere") throw notAlone(path, strange.file);
    throw codedError("IMAGE_NOT_ALONE", `${path} is made of ${strange.file}, which is no plain file`, {
      hint: "The files of a vmdk stand beside it.",
    });
  } finally {
    closeSync(descriptor);
  }
}

/** What a program writes first; it is ended then. */
function beginningOf(
  [program, ...options]: readonly [string, ...string[]],
  path: string,
  { env }: Host,
): Buffer {
  const { stdout, stderr } = spawnSync(program, [...options, "--", path], {
    env,
    maxBuffer: headBytes,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (stdout !== null && stdout.length > 0) return stdout;
  throw codedError("IMAGE_DAMAGED", `${path} cannot be unpacked: ${stderr.toString().trim()}`);
}

/** Source: `block/` of QEMU: the probes of its drivers. */
function formatOf(bytes: Buffer, path: string): ImageFormat {
  const text = (at: number, length: number): string => bytes.toString("latin1", at, at + length);
  if (text(0, 4) === "QFI\u00FB") return "qcow2";
  if (text(0, 4) === "KDMV" || text(0, 21) === "# Disk DescriptorFile") return "vmdk";
  if (bytes.length >= 68 && bytes.readUInt32LE(64) === 0xbeda107f) return "vdi";
  if (text(0, 8) === "vhdxfile") return "vhdx";
  if (text(0, 8) === "conectix") return "vpc";
  const other =
    otherKinds.find(([at, magic]) => text(at, magic.length) === magic)?.[2] ??
    (/^[\t\n\r -~\u0080-\u00ff]+$/.test(text(0, 512))
      ? "a text"
      : bytes.length < 512
        ? "a small file"
        : undefined);
  if (other !== undefined) {
    throw codedError("IMAGE_UNKNOWN", `${path} is no disk image, but ${other}`, {
      hint: "--format raw takes it as it is.",
    });
  }
  return "raw";
}

/** What people have instead of an image, and a raw disk never begins with. */
const otherKinds: readonly (readonly [at: number, magic: string, what: string])[] = [
  [0, "PK\u0003\u0004", "a zip archive: unpack it first"],
  [257, "ustar", "a tar archive (an .ova, say): unpack it first"],
  [0, "\u007FELF", "a program"],
  [0, "!<arch>", "a package"],
  [0, "<!DOCTYPE", "a page of the web"],
  [0, "<html", "a page of the web"],
  [0, "-----BEGIN", "a key or a signature"],
];

interface ImageInfo {
  readonly "virtual-size": number;
  readonly encrypted?: boolean;
  readonly "backing-filename"?: string;
  readonly "format-specific"?: {
    readonly data?: {
      readonly "data-file"?: string;
      readonly extents?: readonly { readonly filename: string }[];
    };
  };
}

/** What qemu-img prints. @throws `IMAGE_UNREADABLE` with its own words */
async function qemuImgOutput(words: readonly string[], host: Host): Promise<string> {
  const { exitCode, stdout, stderr } = await qemuImg(words, host);
  if (exitCode === 0) return stdout;
  throw codedError("IMAGE_UNREADABLE", stderr.trim() || `qemu-img ended with ${exitCode}`);
}

async function inspect(
  path: string,
  format: ImageFormat,
  host: Host,
): Promise<Pick<SourceImage, "sizeBytes">> {
  const text = await qemuImgOutput(["info", "-f", format, "--output=json", path], host);
  const info: ImageInfo = JSON.parse(text);
  if (info.encrypted === true) {
    throw codedError("IMAGE_ENCRYPTED", `${path} is encrypted`, {
      hint: "qemu-img convert makes one of it that is not.",
    });
  }
  const data = info["format-specific"]?.data;
  const own = dirname(path);
  // A vmdk of several files has them beside it.
  const extents = (data?.extents ?? [])
    .map(({ filename }) => filename)
    .filter((file) => dirname(file) !== own);
  const other = info["backing-filename"] ?? data?.["data-file"] ?? extents[0];
  if (other !== undefined) throw notAlone(path, other);
  return { sizeBytes: info["virtual-size"] };
}

function notAlone(path: string, other: string): Error {
  return codedError("IMAGE_NOT_ALONE", `${path} is no whole disk: it stands on ${other}`, {
    hint: "If you trust it, qemu-img convert -O qcow2 makes one image of both.",
  });
}

/** A compressed one is looked at by its header alone. Source: docs/interop/qcow2.txt of QEMU. */
function checkQcow2Alone(head: Buffer, path: string): void {
  if (head.length < 104) throw codedError("IMAGE_DAMAGED", `${path}: the image in it ends in its header`);
  const isVersion3 = head.readUInt32BE(4) >= 3;
  if (head.readBigUInt64BE(8) !== 0n) throw notAlone(path, "another image");
  if (isVersion3 && (head.readBigUInt64BE(72) & 4n) !== 0n) throw notAlone(path, "a file of data");
  if (head.readUInt32BE(32) !== 0) throw codedError("IMAGE_ENCRYPTED", `${path} is encrypted`);
}

/** The formats that qemu-img can check. */
const checkable: ReadonlySet<ImageFormat> = new Set(["qcow2", "vdi", "vhdx", "vmdk"]);

async function checkWhole(path: string, format: ImageFormat, host: Host): Promise<void> {
  if (!checkable.has(format)) return;
  const { exitCode, stdout, stderr } = await qemuImg(["check", "-q", "-f", format, path], host);
  // 3: space that nothing uses. 63: this image cannot be checked.
  if (exitCode === 0 || exitCode === 3 || exitCode === 63) return;
  const reason = `${stdout}${stderr}`.trim();
  throw codedError("IMAGE_DAMAGED", `${path}: the image is damaged, or in use: ${reason}`, {
    hint: "Nothing was made of it. Where a machine uses it, wait for its end.",
  });
}

/** The first sectors that the guest would see. */
async function diskHead(path: string, format: ImageFormat, host: Host): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), "vm-import-"));
  try {
    const file = join(directory, "head");
    const words = [`bs=1024`, `count=${headBytes / 1024}`, `if=${path}`, `of=${file}`];
    await qemuImgOutput(["dd", "-f", format, "-O", "raw", ...words], host);
    return readFileSync(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
