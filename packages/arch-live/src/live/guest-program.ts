import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { Duplex, PassThrough } from "node:stream";
import { lineSplitter } from "@vm/command-plan";
import { launcherArgv } from "@vm/guest-run";
import { lineTail } from "./line-tail.js";
import type { GuestStep } from "./plan.js";
import type { ProgramEnd } from "./verdict.js";

/** A program that is, or has, the guest. */
export interface GuestProgram {
  /** Settles when it has ended and its output was read. Never rejects. */
  readonly end: Promise<ProgramEnd>;
  /** SIGTERM, and SIGKILL when it does not help. */
  stop(killAfterMs: number): void;
  /** Calls back with the program's input and output when it prints this line: from then on they are a shell's. */
  onShell(line: string, callback: (shell: Duplex) => void): void;
}

/**
 * Starts the program in a session of its own (a terminal's Ctrl-C is ours, not the program's); it dies with us. The output
 * of one that answers by itself goes to the log file, and line by line to `onLine`.
 */
export function startProgram({
  plan,
  env,
  lockFd,
  logFile,
  onHeard,
  onLine,
  onConsoleLine,
}: {
  readonly plan: { readonly guest: GuestStep };
  readonly env: NodeJS.ProcessEnv;
  readonly lockFd?: number;
  readonly logFile: string;
  readonly onHeard: () => void;
  readonly onLine: (line: string) => void;
  readonly onConsoleLine: (line: string) => void;
}): GuestProgram {
  const { argv, directory, answers } = plan.guest;
  const [program, ...args] = launcherArgv({ argv, env, modes: "none", parentPid: process.pid });
  const own = answers.kind === "program";
  const child: ChildProcess = spawn(program, args, {
    cwd: directory,
    env,
    detached: true,
    stdio: [own ? "pipe" : "ignore", own ? "pipe" : "ignore", "pipe", lockFd ?? "ignore"],
  });
  const said = lineTail(1);
  const errors = lineSplitter((line) => {
    said.push(line);
    onConsoleLine(line);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    onHeard();
    errors.push(chunk);
  });

  const log = own ? createWriteStream(logFile) : undefined;
  // A full disk must not end the installation: the log is then what it is.
  log?.on("error", () => {});
  let shellLine: string | undefined;
  let openShell: ((shell: Duplex) => void) | undefined;
  let shell: PassThrough | undefined;
  const output = lineSplitter((line) => {
    if (shell !== undefined) return;
    if (line === shellLine && openShell !== undefined && child.stdin !== null) {
      shell = new PassThrough();
      openShell(Duplex.from({ readable: shell, writable: child.stdin }));
      return;
    }
    onLine(line);
  });
  child.stdin?.on("error", () => {});
  child.stdout?.on("data", (chunk: Buffer) => {
    onHeard();
    log?.write(chunk);
    if (shell === undefined) output.push(chunk);
    else shell.write(chunk);
  });

  let error: Error | undefined;
  const end = new Promise<ProgramEnd>((resolve) => {
    child.once("error", (cause) => {
      error = cause;
      if (child.pid === undefined) resolve({ code: null, signal: null, said: cause.message });
    });
    child.once("close", (code, signal) => {
      errors.end();
      output.end();
      shell?.end();
      const finish = (): void => resolve({ code, signal, said: error?.message ?? said.lines().at(-1) ?? "" });
      if (log === undefined || log.destroyed) finish();
      else log.end(finish);
    });
  });
  let killing: NodeJS.Timeout | undefined;
  return {
    end: end.finally(() => clearTimeout(killing)),
    stop: (killAfterMs) => {
      child.kill("SIGTERM");
      killing ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    },
    onShell: (line, callback) => {
      shellLine = line;
      openShell = callback;
    },
  };
}
