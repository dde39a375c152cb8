import { gunzipSync } from "node:zlib";
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { readRegular } from "@vm/host-files";
import { isElf } from "./elf-header.js";

/** Where the modules of a kernel are. */
export interface ModuleFiles {
  /** `installed`: a directory such as lib/modules/R; `build-tree`: where they were compiled. */
  readonly layout: "installed" | "build-tree";
  /** Absolute. */
  readonly directory: string;
  /** The directory with modules.dep; absolute. Default: `directory`. */
  readonly index?: string;
}

/** How large a module may be, packed or not; one with its debug information has some 400 MiB. */
const maxBytes = 512 << 20;

/** The file of a module, of which modules.dep says `path`. */
export function moduleFile({ layout, directory }: ModuleFiles, path: string): string {
  // The index of a build tree is written as if it were installed, with everything below `kernel`.
  return join(directory, layout === "build-tree" ? path.replace(/^kernel\//, "") : path);
}

/** Size and time of a module's file. @throws `MODULE_MISSING` */
export function moduleState(file: string): { readonly size: number; readonly mtimeMs: number } {
  if (existsSync(file)) return statSync(file);
  throw codedError(
    "MODULE_MISSING",
    `The module ${file} is not there, though the index of the modules lists it.`,
    {
      hint: "Build the modules to the end, or let depmod make the index again.",
    },
  );
}

/**
 * The bytes of a module as the kernel wants them: unpacked, its signature left on.
 *
 * @throws `MODULE_UNREADABLE`; `PROGRAM_NOT_FOUND` where xz or zstd is needed and missing
 */
export function readModule(file: string): Buffer {
  const bytes = unpack(file);
  if (isElf(bytes)) return bytes;
  throw codedError("MODULE_UNREADABLE", `${file} is no kernel module.`, { hint: "Build it again." });
}

function unpack(file: string): Buffer {
  const bytes = readRegular(file, { maxBytes });
  // The content decides, as in kmod.
  if (startsWith(bytes, [0x1f, 0x8b])) return gunzip(file, bytes);
  if (startsWith(bytes, [0xfd, 0x37, 0x7a, 0x58, 0x5a])) return unpackWith("xz", "xz-utils", file, bytes);
  if (startsWith(bytes, [0x28, 0xb5, 0x2f, 0xfd])) return unpackWith("zstd", "zstd", file, bytes);
  return bytes;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function gunzip(file: string, bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unpackWith(program: string, debianPackage: string, file: string, bytes: Uint8Array): Buffer {
  const { stdout, stderr, status, error } = spawnSync(program, ["-dc"], {
    input: bytes,
    maxBuffer: maxBytes,
  });
  if (errorCode(error) === "ENOENT") {
    throw codedError("PROGRAM_NOT_FOUND", `${file} is compressed, and ${program} is not on this host.`, {
      hint: `Install ${program}: \`apt-get install ${debianPackage}\` on Debian.`,
      cause: error,
    });
  }
  if (status !== 0) throw unreadable(file, error ?? new Error(stderr.toString().trim()));
  return stdout;
}

function unreadable(file: string, cause: unknown): Error {
  const code = errorCode(cause);
  const isLarge = code === "ENOBUFS" || code === "ERR_BUFFER_TOO_LARGE";
  const reason = isLarge
    ? `it is larger than ${maxBytes >> 20} MiB`
    : cause instanceof Error
      ? cause.message
      : String(cause);
  return codedError("MODULE_UNREADABLE", `${file} cannot be unpacked: ${reason}`, {
    hint: "Build it again.",
    cause,
  });
}
