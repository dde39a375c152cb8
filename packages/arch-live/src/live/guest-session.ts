import { closeSync, constants, openSync, statfsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { parseProgress, type Progress } from "@vm/arch-installer";
import { lineSplitter } from "@vm/command-plan";
import { startProgram } from "./guest-program.js";
import { growingFile } from "./growing-file.js";
import { SHELL_SOCKET } from "./machine.js";
import type { InstallOutcome } from "./outcome.js";
import { signalOf } from "./stop-reason.js";
import { type InstallPlan, SHELL_LINE } from "./plan.js";
import { commandVerdict, type Seen, verdict } from "./verdict.js";

export interface GuestSession {
  readonly plan: InstallPlan;
  readonly env: NodeJS.ProcessEnv;
  /** For the whole guest, from its start. */
  readonly timeoutMs?: number;
  /** How long nothing may be heard of the guest. */
  readonly silenceMs: number;
  readonly onProgress: (progress: Progress) => void;
  /** Each line of the log. */
  readonly onLog: (line: string) => void;
  /** Each line of the console, or of the standard error of the program. */
  readonly onConsole: (line: string) => void;
  /** Takes the shell that follows a failure; settles when the person has left it. */
  readonly onShell?: (shell: Duplex) => Promise<void>;
  /** Ends it; the reason is that of `stopReason`. */
  readonly stop: AbortSignal;
  /** An open file for the guest to hold. */
  readonly lockFd?: number;
}

const POLL_MS = 200;
const KILL_MS = 10_000;
/** After its answer the guest only has to power itself off. */
const POWER_OFF_MS = 60_000;

/** Runs the program that is the guest, and follows it to its end. When this settles the guest is gone. */
export async function runGuest(session: GuestSession): Promise<InstallOutcome> {
  const { plan, silenceMs, timeoutMs, stop, onProgress } = session;
  const { answers } = plan.guest;
  const seen: Seen = { started: false, status: null, done: false, failure: null, panic: null, ended: null };
  let heardAt = performance.now();
  let shells = 0;
  const heard = (): void => void (heardAt = performance.now());

  const onLogLine = (line: string): void => {
    const progress = parseProgress(line);
    if (progress?.kind === "done") seen.done = true;
    if (progress?.kind === "failed") seen.failure = progress.message;
    if (progress !== undefined) {
      seen.started = true;
      onProgress(progress);
    }
    session.onLog(line);
  };
  const onConsoleLine = (line: string): void => {
    const panic = /Kernel panic - not syncing.*/.exec(line);
    if (panic !== null) seen.panic ??= panic[0];
    session.onConsole(line);
  };
  const program = startProgram({
    ...session,
    logFile: plan.logs.log,
    onHeard: heard,
    onLine: onLogLine,
    onConsoleLine,
  });
  const end = (why: NonNullable<Seen["ended"]>): void => {
    if (seen.ended !== null) return;
    seen.ended = why;
    program.stop(KILL_MS);
  };
  const runShell = async (open: () => Duplex | Promise<Duplex>): Promise<void> => {
    if (session.onShell === undefined) return;
    shells += 1;
    try {
      await session.onShell(await open());
    } finally {
      shells -= 1;
      heard();
    }
  };
  const onStatusLine = (line: string): void => {
    if (line === "vm1 started") seen.started = true;
    if (line === "vm1 shell")
      void runShell(() => connectShell(plan.guest.directory)).catch(session.onConsole);
    const [, status] = /^vm1 exited (\d{1,3})$/.exec(line) ?? [];
    if (status === undefined) return;
    seen.status ??= Number(status);
    // It was written after sync(1): what is left of the guest may be killed.
    setTimeout(() => program.stop(KILL_MS), POWER_OFF_MS).unref();
  };

  const sources =
    answers.kind === "files"
      ? [
          { path: answers.status, lines: lineSplitter(onStatusLine) },
          { path: plan.logs.log, lines: lineSplitter(onLogLine) },
          { path: plan.logs.console, lines: lineSplitter(onConsoleLine) },
        ]
      : // The program hands its log over by itself; that its console grows is a sign of life.
        [{ path: plan.logs.console, lines: lineSplitter(() => {}) }];
  const files = sources.map(({ path, lines }) => ({
    lines,
    file: growingFile(path, (chunk) => lines.push(chunk)),
  }));
  const readAll = (): void => {
    for (const { file } of files) if (file.read()) heard();
  };
  const startedAt = performance.now();
  const poll = setInterval(() => {
    readAll();
    const now = performance.now();
    if (shells > 0) return;
    if (isFull(plan.target.directory)) {
      end({ kind: "failed", reason: `the disk of ${plan.target.home} is full: the guest can write no more` });
    }
    if (timeoutMs !== undefined && now - startedAt > timeoutMs) {
      end({ kind: "timed-out", reason: `it was not done after ${seconds(timeoutMs)}` });
    } else if (now - heardAt > silenceMs) {
      const what = seen.started ? "the installation" : "the live system, which never ran the installation,";
      end({ kind: "timed-out", reason: `nothing was heard of ${what} for ${seconds(silenceMs)}` });
    }
  }, POLL_MS);
  const onStop = (): void => end({ kind: "stopped", signal: signalOf(stop.reason) });
  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });
  program.onShell(SHELL_LINE, (shell) => void runShell(() => shell).catch(session.onConsole));

  try {
    const programEnd = await program.end;
    readAll();
    for (const { lines } of files) lines.end();
    return (answers.kind === "files" ? verdict : commandVerdict)(seen, programEnd);
  } finally {
    clearInterval(poll);
    stop.removeEventListener("abort", onStop);
    for (const { file } of files) file.close();
  }
}

/** Less than this is no room for anything that an image grows by. */
const NO_ROOM_BYTES = 1_048_576;

/** QEMU stops the guest then, and says so to nobody. What is reserved for root is room for root. */
function isFull(directory: string): boolean {
  const { bavail, bfree, bsize } = statfsSync(directory);
  return (process.getuid?.() === 0 ? bfree : bavail) * bsize < NO_ROOM_BYTES;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** By way of the directory's descriptor: a socket's path holds 107 bytes only (unix(7)). */
function connectShell(directory: string): Promise<Duplex> {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  return new Promise<Duplex>((resolve, reject) => {
    const socket = connect(join(`/proc/self/fd/${fd}`, SHELL_SOCKET));
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  }).finally(() => closeSync(fd));
}
