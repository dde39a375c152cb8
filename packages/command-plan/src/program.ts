import { errorCode } from "./coded-error.js";
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import fs from "node:fs";
import { constants, tmpdir } from "node:os";
import { findProgram } from "./program-search.js";

/** How a program ended, as a shell counts: 128 + N for signal N, 127 not found, 126 not executable. */
export interface ProgramEnd {
  readonly exitCode: number;
  /** Why it could not be started. */
  readonly error?: unknown;
  /** The signal that ended it. */
  readonly signal?: NodeJS.Signals;
  /** A signal that this process got meanwhile and passed on: the plan should go no further. */
  readonly stoppedBy?: NodeJS.Signals;
}

/** Asks to end, from a terminal, a supervisor or a closed window. */
const forwarded = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/** Starts the program with the given standard streams, passes signals on to it and waits for its end. */
export async function runProgram(
  argv: readonly [string, ...string[]],
  {
    cwd,
    env,
    stdio,
    signal: abort,
  }: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly stdio: StdioOptions;
    /** Ends it, as a SIGTERM to this process would. */
    readonly signal?: AbortSignal | undefined;
  },
): Promise<ProgramEnd> {
  const [program, ...args] = argv;
  let child: ChildProcess | undefined;
  let stoppedBy: NodeJS.Signals | undefined;
  const forward = (signal: NodeJS.Signals): void => {
    stoppedBy ??= signal;
    child?.kill(signal);
  };
  const terminate = (): void => forward("SIGTERM");
  for (const signal of forwarded) process.on(signal, forward);
  abort?.addEventListener("abort", terminate);
  try {
    child = spawn(program, args, { cwd, env, stdio });
    if (abort?.aborted === true) terminate();
    const end = await endOf(child, () => isInPath(program, cwd, env));
    return stoppedBy === undefined ? end : { ...end, stoppedBy };
  } catch (error) {
    // Some errors of execve(2), such as E2BIG, are thrown by spawn itself.
    return notStarted(error, () => isInPath(program, cwd, env));
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
    abort?.removeEventListener("abort", terminate);
  }
}

/** A descriptor that reads the bytes, backed by a file with no name: a program may seek in it or open /dev/stdin. */
export function openInput(content: string | Uint8Array): number {
  const directory = fs.mkdtempSync(`${tmpdir()}/input-`);
  const path = `${directory}/input`;
  try {
    const writer = fs.openSync(path, "wx", 0o600);
    try {
      fs.writeFileSync(writer, content);
      return fs.openSync(path, "r");
    } finally {
      fs.closeSync(writer);
    }
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

function endOf(child: ChildProcess, isThere: () => boolean): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) resolve(notStarted(error, isThere));
    });
    child.once("exit", (code, signal) => {
      resolve(signal === null ? { exitCode: code ?? 1 } : { exitCode: signalExitCode(signal), signal });
    });
  });
}

/** 128 + N, as shells report a program that signal N ended. */
export function signalExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** As POSIX has it for shells, and dash does it: 127 for what is not there, 126 for what is there and cannot be executed. */
function notStarted(error: unknown, isThere: () => boolean): ProgramEnd {
  const code = errorCode(error);
  const isMissing =
    code === "ENOENT" ||
    code === "ENOTDIR" ||
    code === "ELOOP" ||
    code === "ENAMETOOLONG" ||
    (code === "EACCES" && !isThere());
  return { exitCode: isMissing ? 127 : 126, error };
}

/** execvp(3) reports EACCES also for a directory of PATH that it may not search, where a shell goes on. */
function isInPath(program: string, cwd: string, env: NodeJS.ProcessEnv): boolean {
  return program.includes("/") || findProgram(program, env, cwd) !== undefined;
}
