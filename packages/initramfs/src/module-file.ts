import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { decompress, formatAt, readRegular } from "@vm/host-files";
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

/** Formats that kmod reads, and Debian's packages of their programs. The content decides, as in kmod. */
const debianPackages: Readonly<Record<string, string>> = { gzip: "gzip", xz: "xz-utils", zstd: "zstd" };

function unpack(file: string): Buffer {
  const bytes = readRegular(file, { maxBytes });
  const format = formatAt(bytes, 0);
  const debianPackage = debianPackages[format?.name ?? ""];
  if (format === null || debianPackage === undefined) return bytes;
  const unpacked = decompress(bytes, format, { maxBytes, extent: "whole" });
  switch (unpacked.kind) {
    case "data":
      return unpacked.data;
    case "program-missing":
      throw codedError(
        "PROGRAM_NOT_FOUND",
        `${file} is compressed, and ${unpacked.program} is not on this host.`,
        { hint: `Install ${unpacked.program}: \`apt-get install ${debianPackage}\` on Debian.` },
      );
    case "too-large":
      throw unreadable(file, `it is larger than ${maxBytes >> 20} MiB`);
    case "damaged":
      throw unreadable(file, unpacked.reason);
    default:
      return unpacked satisfies never;
  }
}

function unreadable(file: string, reason: string): Error {
  return codedError("MODULE_UNREADABLE", `${file} cannot be unpacked: ${reason}`, {
    hint: "Build it again.",
  });
}
