import { closeSync } from "node:fs";
import { codedError, errorCode } from "@vm/command-plan";
import { checkRegular, openRegular, runUnpacker } from "@vm/host-files";
import type { Lookup } from "../lookup/kernel-location.js";
import { unpackedDirectory } from "../unpacked/unpacked-directory.js";
import { unpackerMissing } from "./bsdtar.js";
import { debMembers, openAt } from "./deb-archive.js";
import { complaintIn, packageFormat, unreadable } from "./package-format.js";

/**
 * The directory in the cache that the files of these packages are in; unpacks them when they are not there yet.
 * Throws PACKAGE_UNREADABLE, PACKAGE_TOO_LARGE, UNPACKER_MISSING, and what `unpackedDirectory` throws.
 */
export function unpackPackages(files: readonly string[], lookup: Lookup): string {
  const [file = "", ...others] = files;
  return unpackedDirectory({
    file,
    others,
    lookup,
    make: (directory) => {
      for (const part of files) unpackInto(directory, part);
    },
  });
}

function unpackInto(directory: string, file: string): void {
  if (packageFormat(file) === "deb") unpackDeb(directory, file);
  else unpackArchive(directory, file);
}

/** `dpkg-deb` unpacks xz with all CPUs, bsdtar with one: the full kernel in half the time. */
function unpackDeb(directory: string, file: string): void {
  const dpkg = run(["dpkg-deb", "-x", file, directory], { directory, file });
  if (dpkg.kind === "done") return;
  if (dpkg.kind === "failed") throw unreadable(file, dpkg.reason);
  const input = openAt(file, dataOf(file));
  try {
    const tar = run(["bsdtar", ...extract, "-", "-C", directory], { directory, file, input });
    if (tar.kind === "failed") throw unreadable(file, tar.reason);
    if (tar.kind === "missing") throw unpackerMissing(file);
  } finally {
    closeSync(input);
  }
}

/** Where the archive with the files begins. */
function dataOf(file: string): number {
  const descriptor = openRegular(file);
  try {
    const data = debMembers(descriptor).find(({ name }) => name.startsWith("data.tar"));
    if (data === undefined) throw unreadable(file, "it has no data.tar");
    return data.offset;
  } finally {
    closeSync(descriptor);
  }
}

/** `bsdtar` reads all of these; GNU tar, where it is the only one, reads archives of tar. */
function unpackArchive(directory: string, file: string): void {
  checkRegular(file);
  const args = [...extract, file, "-C", directory];
  const tars = packageFormat(file) === "tar" ? ["bsdtar", "tar"] : ["bsdtar"];
  for (const program of tars) {
    const ended = run([program, ...args], { directory, file });
    if (ended.kind === "done") return;
    if (ended.kind === "failed") throw unreadable(file, ended.reason);
  }
  throw unpackerMissing(file);
}

const extract = ["-x", "--no-same-owner", "-f"] as const;

type Ended = { readonly kind: "done" | "missing" } | { readonly kind: "failed"; readonly reason: string };

/** Fills `directory`. Throws PACKAGE_TOO_LARGE. */
function run(argv: readonly [string, ...string[]], { directory, file, input }: Run): Ended {
  const ended = runUnpacker(argv, { directory, ...(input === undefined ? {} : { input }) });
  if (ended.exceeded !== undefined) {
    throw codedError("PACKAGE_TOO_LARGE", `${file} is not unpacked: ${ended.exceeded}`, {
      hint: "No kernel's package is: it is damaged, or made to fill the disk. Unpack it yourself, and name the directory.",
    });
  }
  if (errorCode(ended.error) === "ENOENT") return { kind: "missing" };
  if (ended.error !== undefined) return { kind: "failed", reason: ended.error.message };
  if (ended.status === 0) return { kind: "done" };
  return { kind: "failed", reason: complaintIn(ended.stderr, argv[0], ended.status) };
}

interface Run {
  readonly directory: string;
  /** The package, for the error. */
  readonly file: string;
  readonly input?: number;
}
