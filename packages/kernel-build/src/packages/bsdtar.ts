import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { codedError, errorCode, findProgram } from "@vm/command-plan";
import { complaintIn, tooLarge, unreadable } from "./package-format.js";

/** A list of 100,000 files is no kernel's. */
const maxOutputBytes = 64 << 20;

/** Time of the processor. To list 16 GiB, the most that is unpacked, takes xz 90 seconds. */
const maxCpuSeconds = 300;

/** A piece of an open file. */
export interface FilePiece {
  readonly descriptor: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * What bsdtar prints. `input`: its standard input, bytes or a piece of a file; `named`: the package, for the error; `absent`: a member that was
 * asked for and is not there, where there are others. Throws PACKAGE_UNREADABLE, PACKAGE_TOO_LARGE (also where it takes too long) and UNPACKER_MISSING.
 */
export function bsdtar(
  args: readonly string[],
  {
    named,
    input,
    absent = "an error",
    cpuSeconds = maxCpuSeconds,
  }: {
    readonly named: string;
    readonly input?: Buffer | FilePiece;
    readonly absent?: "an error" | "fine";
    readonly cpuSeconds?: number;
  },
): string {
  if (findProgram("bsdtar", process.env) === undefined) throw unpackerMissing(named);
  const isPiece = input !== undefined && !Buffer.isBuffer(input);
  const [offset, size] = isPiece ? [input.offset, input.size] : ["", ""];
  const words = ["-c", limited, "sh", String(cpuSeconds), String(offset), String(size), "bsdtar", ...args];
  const run = spawnSync("/bin/sh", words, {
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
  if (run.signal === "SIGXCPU" || run.status === 128 + constants.signals.SIGXCPU)
    throw tooLarge(named, `what is in it cannot be listed in ${cpuSeconds} s`);
  if (run.status !== 0 && !(absent === "fine" && run.stdout !== ""))
    throw unreadable(named, complaintIn(run.stderr, "bsdtar", run.status));
  return run.stdout;
}

/**
 * `$1`: seconds of the processor that it may take; `$2`, `$3`: the piece of its standard input that the program behind them gets, or empty. What
 * follows a piece in the file is kept away: a `.deb` has a byte behind a member of odd size, which libarchive takes for the beginning of
 * another frame of zstd.
 */
const limited = `ulimit -S -t "$1"
offset=$2 size=$3
shift 3
[ -n "$size" ] || exec "$@"
{ tail -c "+$((offset + 1))" | head -c "$size"; } 2>/dev/null | "$@"`;

export function unpackerMissing(file: string): Error {
  return codedError("UNPACKER_MISSING", `${file} cannot be unpacked: this host has no bsdtar`, {
    hint: "Install libarchive-tools (Debian), bsdtar (Fedora) or libarchive (Arch).",
  });
}
