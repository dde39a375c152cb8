import { closeSync, createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { checkRegular, openRegular, runUnpacker } from "@vm/host-files";
import type { Lookup } from "../lookup/kernel-location.js";
import { unpackDirectory } from "../unpacked/unpacked-directory.js";
import { unpackerMissing } from "./bsdtar.js";
import { debMembers, type DebMember } from "./deb-archive.js";
import { complaintIn, packageFormat, tooLarge, unreadable } from "./package-format.js";

/**
 * The directory in the cache that the files of these packages are in; unpacks them when they are not there yet.
 * Throws PACKAGE_UNREADABLE, PACKAGE_TOO_LARGE, UNPACKER_MISSING, and what `unpackedDirectory` throws.
 */
export function unpackPackages(files: readonly string[], lookup: Lookup): Promise<string> {
  const [file = "", ...others] = files;
  return unpackDirectory({
    file,
    others,
    lookup,
    make: async (directory) => {
      for (const part of files) await unpackInto(part, { directory, signal: lookup.signal });
    },
  });
}

interface Into {
  /** The directory to fill. */
  readonly directory: string;
  readonly signal: AbortSignal | undefined;
}

function unpackInto(file: string, into: Into): Promise<void> {
  return packageFormat(file) === "deb" ? unpackDeb(file, into) : unpackArchive(file, into);
}

/** `dpkg-deb` unpacks xz with all CPUs, bsdtar with one: the full kernel in half the time. */
async function unpackDeb(file: string, into: Into): Promise<void> {
  const dpkg = await run(["dpkg-deb", "-x", file, into.directory], { ...into, file });
  if (dpkg.kind === "done") return;
  if (dpkg.kind === "failed") throw unreadable(file, dpkg.reason);
  const { offset, size } = dataOf(file);
  // Not a byte behind it: see `bsdtar`.
  const input = createReadStream(file, { start: offset, end: offset + size - 1 });
  try {
    const tar = await run(["bsdtar", ...extract, "-", "-C", into.directory], { ...into, file, input });
    if (tar.kind === "failed") throw unreadable(file, tar.reason);
    if (tar.kind === "missing") throw unpackerMissing(file);
  } finally {
    input.destroy();
  }
}

/** Where the archive with the files is. */
function dataOf(file: string): DebMember {
  const descriptor = openRegular(file);
  try {
    const data = debMembers(descriptor).find(({ name }) => name.startsWith("data.tar"));
    if (data === undefined) throw unreadable(file, "it has no data.tar");
    return data;
  } finally {
    closeSync(descriptor);
  }
}

/** `bsdtar` reads all of these; GNU tar, where it is the only one, reads archives of tar. */
async function unpackArchive(file: string, into: Into): Promise<void> {
  checkRegular(file);
  const args = [...extract, file, "-C", into.directory];
  const tars = packageFormat(file) === "tar" ? ["bsdtar", "tar"] : ["bsdtar"];
  for (const program of tars) {
    const ended = await run([program, ...args], { ...into, file });
    if (ended.kind === "done") return;
    if (ended.kind === "failed") throw unreadable(file, ended.reason);
  }
  throw unpackerMissing(file);
}

const extract = ["-x", "--no-same-owner", "-f"] as const;

type Ended = { readonly kind: "done" | "missing" } | { readonly kind: "failed"; readonly reason: string };

/** Fills `directory`. Throws PACKAGE_TOO_LARGE, and the reason of `signal`. */
async function run(
  argv: readonly [string, ...string[]],
  { directory, file, input, signal }: Run,
): Promise<Ended> {
  const ended = await runUnpacker(argv, { directory, signal, ...(input === undefined ? {} : { input }) });
  switch (ended.kind) {
    case "exceeded":
      throw tooLarge(file, ended.exceeded);
    case "missing":
      return { kind: "missing" };
    case "ended":
      return ended.exitCode === 0
        ? { kind: "done" }
        : { kind: "failed", reason: complaintIn(ended.stderr, argv[0], ended.exitCode) };
    default:
      return ended satisfies never;
  }
}

interface Run extends Into {
  /** The package, for the error. */
  readonly file: string;
  readonly input?: Readable;
}
