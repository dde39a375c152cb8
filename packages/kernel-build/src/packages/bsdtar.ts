import { spawnSync } from "node:child_process";
import { codedError, errorCode, findProgram } from "@vm/command-plan";
import { complaintIn, tooLarge, unreadable } from "./package-format.js";

/** A list of 100,000 files is no kernel's. */
const maxOutputBytes = 64 << 20;

/** A piece of an open file. */
export interface FilePiece {
  readonly descriptor: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * What bsdtar prints. `input`: its standard input, bytes or a piece of a file; `named`: the package, for the error; `absent`: a member that was
 * asked for and is not there, where there are others. Throws PACKAGE_UNREADABLE, PACKAGE_TOO_LARGE and UNPACKER_MISSING.
 */
export function bsdtar(
  args: readonly string[],
  {
    named,
    input,
    absent = "an error",
  }: { readonly named: string; readonly input?: Buffer | FilePiece; readonly absent?: "an error" | "fine" },
): string {
  if (findProgram("bsdtar", process.env) === undefined) throw unpackerMissing(named);
  const isPiece = input !== undefined && !Buffer.isBuffer(input);
  const [program, ...words] = isPiece ? [...pieceOf(input), "bsdtar", ...args] : ["bsdtar", ...args];
  const run = spawnSync(program ?? "bsdtar", words, {
    encoding: "utf8",
    maxBuffer: maxOutputBytes,
    // Names of files in the bytes that they have in the package.
    env: { ...process.env, LC_ALL: "C.UTF-8" },
    ...(Buffer.isBuffer(input) ? { input } : {}),
    stdio: [isPiece ? input.descriptor : input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  if (errorCode(run.error) === "ENOBUFS")
    throw tooLarge(named, `what it says of itself is larger than ${maxOutputBytes >> 20} MiB`);
  if (run.error !== undefined) throw unreadable(named, run.error.message);
  if (run.status !== 0 && !(absent === "fine" && run.stdout !== ""))
    throw unreadable(named, complaintIn(run.stderr, "bsdtar", run.status));
  return run.stdout;
}

/**
 * Reads that piece of its standard input for the program behind it. What follows it in the file is kept away: a `.deb` has a byte behind a
 * member of odd size, which libarchive takes for the beginning of another frame of zstd.
 */
function pieceOf({ offset, size }: FilePiece): [string, ...string[]] {
  const script =
    'offset=$1 size=$2; shift 2; { tail -c "+$((offset + 1))" | head -c "$size"; } 2>/dev/null | "$@"';
  return ["/bin/sh", "-c", script, "sh", String(offset), String(size)];
}

export function unpackerMissing(file: string): Error {
  return codedError("UNPACKER_MISSING", `${file} cannot be unpacked: this host has no bsdtar`, {
    hint: "Install libarchive-tools (Debian), bsdtar (Fedora) or libarchive (Arch).",
  });
}
