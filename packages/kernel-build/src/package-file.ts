import { closeSync, mkdirSync, readdirSync, readSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { openRegular, runUnpacker } from "@vm/host-files";
import type { Lookup } from "./kernel-location.js";
import { unpackedDirectory } from "./unpacked-directory.js";

type PackageFormat = "deb" | "rpm" | "tar";

/** What package a file is, by its first bytes and for an archive of tar (`.pkg.tar.zst`, `make tar-pkg`) also its name; else null. */
export function packageFormat(file: string): PackageFormat | null {
  const head = Buffer.alloc(8);
  const descriptor = openRegular(file);
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  if (head.toString("latin1") === "!<arch>\n") return "deb";
  if (head.readUInt32BE(0) === 0xedabeedb) return "rpm";
  return /\.(?:tar(?:\.\w+)?|tgz|txz)$/.test(basename(file)) ? "tar" : null;
}

/**
 * The directory in the cache that a package's files are in; unpacks it when it is not there yet.
 * Throws PACKAGE_UNREADABLE, PACKAGE_TOO_LARGE, UNPACKER_MISSING, and what `unpackedDirectory` throws.
 */
export function unpackPackage(file: string, format: PackageFormat, lookup: Lookup): string {
  return unpackedDirectory({ file, lookup, make: (directory) => unpackInto(directory, { file, format }) });
}

function unpackInto(
  directory: string,
  { file, format }: { readonly file: string; readonly format: PackageFormat },
): void {
  if (format !== "deb") {
    extract(file, directory, file);
    return;
  }
  // An ar archive with an archive of tar in it.
  const outer = join(directory, ".deb");
  mkdirSync(outer);
  extract(file, outer, file);
  const data = readdirSync(outer).find((name) => name.startsWith("data.tar"));
  if (data === undefined) throw unreadable(file, "it has no data.tar");
  extract(join(outer, data), directory, file);
  rmSync(outer, { recursive: true });
}

/** `bsdtar` reads all of these; GNU tar, where it is the only one, reads archives of tar. */
function extract(archive: string, directory: string, named: string): void {
  const argv = ["-x", "-f", archive, "-C", directory, "--no-same-owner"];
  for (const program of ["bsdtar", "tar"]) {
    const run = runUnpacker([program, ...argv], { directory });
    if (run.exceeded !== undefined) throw tooLarge(named, run.exceeded);
    if (run.error !== undefined && "code" in run.error && run.error.code === "ENOENT") continue;
    if (run.error !== undefined) throw unreadable(named, run.error.message);
    if (run.status === 0) return;
    if (program === "tar" && !/\.(?:tar|tgz|txz)/.test(basename(archive))) break;
    throw unreadable(named, run.stderr.trim().split("\n").at(-1) ?? `${program} ended with ${run.status}`);
  }
  throw codedError("UNPACKER_MISSING", `${named} can not be unpacked: this host has no bsdtar`, {
    hint: "Install libarchive-tools (Debian), bsdtar (Fedora) or libarchive (Arch).",
  });
}

function tooLarge(file: string, limit: string): Error {
  return codedError("PACKAGE_TOO_LARGE", `${file} is not unpacked: ${limit}`, {
    hint: "No kernel's package is: it is damaged, or made to fill the disk. Unpack it yourself, and name the directory.",
  });
}

function unreadable(file: string, reason: string): Error {
  return codedError("PACKAGE_UNREADABLE", `${file} can not be unpacked: ${reason}`, {
    hint: "Is the file complete, and is there space left where the cache is?",
  });
}
