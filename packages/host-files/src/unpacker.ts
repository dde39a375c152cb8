import type { Readable } from "node:stream";
import { findProgram } from "@vm/command-plan";
import { runForOutput } from "./program-output.js";

/** What may come out of an archive. */
export interface UnpackLimits {
  /** The largest file. */
  readonly fileBytes: number;
  /** All of it, as it takes space on the disk. */
  readonly totalBytes: number;
  /** Files, directories and links. */
  readonly files: number;
  /** Time of the processor, of each program: what is small on the disk may still never end. Default: half an hour. */
  readonly cpuSeconds?: number;
}

/** A kernel with all of its debug information has a vmlinux of 1 GiB, and 8 GiB and 30,000 files in all. */
export const unpackLimits: UnpackLimits = {
  fileBytes: 4 * 2 ** 30,
  totalBytes: 16 * 2 ** 30,
  files: 200_000,
};

export interface UnpackerRun {
  /** The empty directory that it fills. */
  readonly directory: string;
  /** Its standard input. Default: empty. */
  readonly input?: Readable;
  readonly limits?: UnpackLimits;
  /** Stops it; the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** How it ended. `exceeded`: what it went past, in words with the limit: it was stopped then. */
export type UnpackerEnd =
  | { readonly kind: "ended"; readonly exitCode: number; readonly stderr: string }
  | { readonly kind: "exceeded"; readonly exceeded: string }
  /** The program is not installed. */
  | { readonly kind: "missing" };

/**
 * Runs a program that unpacks an archive into a directory, and waits for it. It ends with us, however we end, and is stopped when what it
 * writes goes past the limits (within a second of writing).
 *
 * @throws `PROGRAM_STOPPED` where a signal ended it; the reason of `signal`
 */
export async function runUnpacker(
  argv: readonly [program: string, ...args: string[]],
  { directory, input, limits = unpackLimits, signal }: UnpackerRun,
): Promise<UnpackerEnd> {
  if (!argv[0].includes("/") && findProgram(argv[0], process.env) === undefined) return { kind: "missing" };
  const numbers = [limits.fileBytes / 512, limits.totalBytes / 1024, limits.files, cpuLimit(limits)]
    .map(Math.floor)
    .map(String);
  const { exitCode, stderr } = await runForOutput(
    ["/bin/sh", "-c", supervision, "sh", directory, ...numbers, ...argv],
    { signal, maxBytes: 16 << 20, ...(input === undefined ? {} : { input }) },
  );
  const exceeded = wordsOf(limits)[exitCode === 0 ? 0 : (toldIn(stderr) ?? exitCode)];
  return exceeded === undefined ? { kind: "ended", exitCode, stderr } : { kind: "exceeded", exceeded };
}

function cpuLimit({ cpuSeconds = 1800 }: UnpackLimits): number {
  return cpuSeconds;
}

/** A child of the unpacker that met a limit. */
function toldIn(stderr: string): number | undefined {
  if (stderr.includes(childStopped)) return 240;
  return stderr.includes(childTimedOut) ? 243 : undefined;
}

/** What dpkg-deb and shells call SIGXFSZ and SIGXCPU, in the C locale. */
const childStopped = "File size limit exceeded";
const childTimedOut = "CPU time limit exceeded";

/** Of each program: an archive may ask for a window of any size to be unpacked in. The largest of xz and zstd, for what vm unpacks, is 128 MiB. */
const MEMORY_KIB = 2 * 2 ** 20;

/**
 * `$1`: the directory; `$2`: the largest file, in blocks of 512 bytes; `$3`: KiB in all; `$4`: files; `$5`: seconds; then the unpacker. What goes
 * past a limit ends with 240 or more; 153 is 128 + SIGXFSZ, 152 128 + SIGXCPU. The signal may also have met a child of the unpacker (tar of dpkg-deb), which then
 * says so: `childStopped`. A shell takes a background command's input away unless it is said what it is.
 */
const supervision = `directory=$1 kib=$3 files=$4
exec 3<&0
ulimit -c 0
ulimit -f "$2"
ulimit -d ${MEMORY_KIB}
ulimit -S -t "$5"
shift 5
look() {
  set -- $(du -sk -- "$directory" 2>/dev/null)
  [ "\${1:-0}" -le "$kib" ] || return 241
  [ "$(find "$directory" 2>/dev/null | wc -l)" -le "$files" ] || return 242
}
LC_ALL=C.UTF-8 "$@" <&3 3<&- & pid=$!
(
  while sleep 1 && kill -0 "$pid"; do
    look || kill -KILL "$pid"
  done
) 2>/dev/null 3<&- & watcher=$!
wait "$pid" 2>/dev/null
status=$?
kill "$watcher" 2>/dev/null
[ "$status" -ne 153 ] || exit 240
[ "$status" -ne 152 ] || exit 243
look || exit
exit "$status"`;

function wordsOf(limits: UnpackLimits): { readonly [status: number]: string } {
  const { fileBytes, totalBytes, files } = limits;
  return {
    240: `a file in it is larger than ${sizeOf(fileBytes)}`,
    241: `it is larger than ${sizeOf(totalBytes)} when it is unpacked`,
    242: `it holds more than ${files} files`,
    243: `to unpack it takes more than ${cpuLimit(limits)} s`,
  };
}

function sizeOf(bytes: number): string {
  return bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GiB` : `${bytes / 2 ** 20} MiB`;
}
