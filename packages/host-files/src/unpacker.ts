import { spawnSync } from "node:child_process";
import { findProgram, findUtilLinux } from "@vm/command-plan";

/** What may come out of an archive. */
export interface UnpackLimits {
  /** The largest file. */
  readonly fileBytes: number;
  /** All of it, as it takes space on the disk. */
  readonly totalBytes: number;
  /** Files, directories and links. */
  readonly files: number;
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
  /** Its standard input: a descriptor. Default: empty. */
  readonly input?: number;
  readonly limits?: UnpackLimits;
}

export interface UnpackerEnd {
  /** Its exit status; null where it was stopped or could not be started. */
  readonly status: number | null;
  readonly stderr: string;
  /** What it went past, in words with the limit: it was stopped then. */
  readonly exceeded?: string;
  /** Why it could not be started: as spawnSync has it. */
  readonly error?: Error;
}

/**
 * Runs a program that unpacks an archive into a directory, and waits for it. It ends with us, however we end: killed by a signal, or by
 * Ctrl-C; and it is stopped when what it writes goes past the limits (within a second of writing).
 */
export function runUnpacker(
  argv: readonly [program: string, ...args: string[]],
  { directory, input, limits = unpackLimits }: UnpackerRun,
): UnpackerEnd {
  const missing =
    argv[0].includes("/") || findProgram(argv[0], process.env) !== undefined ? undefined : argv[0];
  if (missing !== undefined) {
    const error = Object.assign(new Error(`spawnSync ${missing} ENOENT`), { code: "ENOENT" });
    return { status: null, stderr: "", error };
  }
  const bound = withoutUs();
  const numbers = [limits.fileBytes / 512, limits.totalBytes / 1024, limits.files]
    .map(Math.floor)
    .map(String);
  const script = ["/bin/sh", "-c", supervision, "sh", directory, ...numbers, ...bound, ...argv];
  const [program = "", ...args] = [...bound, ...script];
  const { status, error, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    stdio: [input ?? "ignore", "ignore", "pipe"],
    maxBuffer: 16 << 20,
  });
  const exceeded = status === null ? undefined : wordsOf(limits)[status];
  return {
    status: exceeded === undefined ? status : null,
    stderr: stderr ?? "",
    ...(exceeded === undefined ? {} : { exceeded }),
    ...(error === undefined ? {} : { error }),
  };
}

/**
 * `$1`: the directory; `$2`: the largest file, in blocks of 512 bytes; `$3`: KiB in all; `$4`: files; then the unpacker. What goes
 * past a limit ends with 240 or more; 153 is 128 + SIGXFSZ. A shell takes a background command's input away unless it is said what it is.
 */
const supervision = `directory=$1 kib=$3 files=$4
exec 3<&0
ulimit -c 0
ulimit -f "$2"
shift 4
look() {
  set -- $(du -sk -- "$directory" 2>/dev/null)
  [ "\${1:-0}" -le "$kib" ] || return 241
  [ "$(find "$directory" 2>/dev/null | wc -l)" -le "$files" ] || return 242
}
"$@" <&3 3<&- & pid=$!
(
  while sleep 1 && kill -0 "$pid"; do
    look || kill -KILL "$pid"
  done
) 2>/dev/null 3<&- & watcher=$!
wait "$pid" 2>/dev/null
status=$?
kill "$watcher" 2>/dev/null
[ "$status" -ne 153 ] || exit 240
look || exit
exit "$status"`;

function wordsOf({ fileBytes, totalBytes, files }: UnpackLimits): { readonly [status: number]: string } {
  return {
    240: `a file in it is larger than ${sizeOf(fileBytes)}`,
    241: `it is larger than ${sizeOf(totalBytes)} when it is unpacked`,
    242: `it holds more than ${files} files`,
  };
}

function sizeOf(bytes: number): string {
  return bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GiB` : `${bytes / 2 ** 20} MiB`;
}

/** What lets a program be killed when its parent ends: util-linux's setpriv. busybox's does not know that; without it nothing does. */
function withoutUs(): string[] {
  const setpriv = findUtilLinux("setpriv", process.env);
  return setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL", "--"];
}
