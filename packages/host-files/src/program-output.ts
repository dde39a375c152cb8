import { Readable } from "node:stream";
import { codedError, findProgram, plainLine } from "@vm/command-plan";

export interface ProgramRun {
  readonly cwd?: string;
  /** All of its environment. Default: this process's. PATH of it says where the program is. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Stops it: it gets SIGTERM, and two seconds later SIGKILL; what it started is killed. The reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** How much it may print, on each of its two streams. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** Its standard input. Default: empty. */
  readonly input?: Readable;
  /** `shown`: what it prints on standard output goes to our standard error. Default: `kept`. */
  readonly output?: "kept" | "shown";
}

export interface ProgramOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end for what it prints (UTF-8), whatever its exit code. However that goes, nothing of it is left: what it started in
 * the background is killed when it ends, and all of it when this process ends, also by SIGKILL. It has a session of its own: it
 * cannot ask at the terminal, and Ctrl-C there reaches it through us.
 *
 * @throws `PROGRAM_NOT_FOUND`; `PROGRAM_STOPPED` where a signal ended it, or its time or its output went past the limit; the reason of `signal`
 */
export async function runForOutput(
  argv: readonly [program: string, ...args: string[]],
  { cwd, env = process.env, signal, timeoutMs, maxBytes = 64 << 20, input, output = "kept" }: ProgramRun = {},
): Promise<ProgramOutput> {
  signal?.throwIfAborted();
  const [name, ...args] = argv;
  const program = name.includes("/") ? name : findProgram(name, env, cwd);
  if (program === undefined) throw codedError("PROGRAM_NOT_FOUND", `the program ${name} is not installed`);
  // Loaded here: most of what vm does runs no program.
  const { execa } = await import("execa");
  const life = new Readable({ read: () => undefined });
  const child = execa("/bin/sh", ["-c", guarded, "sh", program, ...args], {
    stdio: [
      input === undefined ? "ignore" : ["pipe", input],
      output === "shown" ? 2 : "pipe",
      "pipe",
      ["pipe", life],
    ],
    detached: true,
    extendEnv: false,
    env,
    stripFinalNewline: false,
    reject: false,
    maxBuffer: maxBytes,
    forceKillAfterDelay: 2000,
    ...(cwd === undefined ? {} : { cwd }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  child.once("exit", () => life.push(null));
  const end = await child;
  if (end.isCanceled) signal?.throwIfAborted();
  const { exitCode, stdout, stderr } = end;
  const trouble = end.isMaxBuffer
    ? `it printed more than ${maxBytes} bytes`
    : end.timedOut
      ? `it took longer than ${(timeoutMs ?? 0) / 1000} seconds`
      : exitCode === undefined
        ? `${end.signal ?? end.code ?? "it could not be started"}${lastWords(stderr)}`
        : undefined;
  if (trouble !== undefined)
    throw codedError("PROGRAM_STOPPED", `${name} was stopped: ${trouble}`, { cause: end });
  return { exitCode: exitCode ?? 1, stdout: stdout ?? "", stderr };
}

/**
 * As `runForOutput`, and an exit code that is not 0 is an error with the program's last words.
 * @throws `PROGRAM_FAILED`; and as `runForOutput`
 */
export async function outputOf(
  argv: readonly [program: string, ...args: string[]],
  run: ProgramRun = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await runForOutput(argv, run);
  if (exitCode === 0) return stdout;
  throw codedError("PROGRAM_FAILED", `${argv[0]} ended with exit code ${exitCode}${lastWords(stderr)}`);
}

/**
 * The leader of a process group, which becomes the program. What waits beside it reads from a pipe whose other end only we have: its end comes
 * when we say so, or are dead, and then the group is killed. The group's number is not given away before: the reader is in it.
 */
const guarded = '{ read -r _; kill -s KILL -- "-$$"; } <&3 >/dev/null 2>&1 & exec 3<&-; exec "$@"';

/** The last line that the program said, for the end of an error. */
function lastWords(stderr: string): string {
  const line = stderr.split("\n").findLast((text) => text.trim() !== "");
  return line === undefined ? "" : `: ${plainLine(line.trim()).slice(0, 500)}`;
}
