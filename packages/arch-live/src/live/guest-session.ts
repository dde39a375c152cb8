import type { Duplex } from "node:stream";
import { parseProgress, type Progress } from "@vm/arch-installer";
import { lineSplitter } from "@vm/command-plan";
import { stepDriver } from "@vm/guest-run";
import { isDiskFull } from "./disk-room.js";
import { growingFile } from "./growing-file.js";
import { startProgram } from "./guest-program.js";
import { beginInstallation, installStep, type InstallEffect, type InstallEvent } from "./install-step.js";
import type { InstallOutcome } from "./outcome.js";
import { SHELL_LINE } from "./bootstrap-plan.js";
import type { InstallPlan } from "./plan.js";
import { connectShell } from "./shell-socket.js";
import { signalOf } from "./stop-reason.js";
import { commandVerdict, verdict } from "./verdict.js";

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

/**
 * Runs the program that is the guest, and follows it to its end. When this settles the guest is gone. What follows from what is decided in
 * install-step.ts, and what it all means in verdict.ts.
 */
export async function runGuest(session: GuestSession): Promise<InstallOutcome> {
  const { plan, silenceMs, timeoutMs, stop } = session;
  const { answers, directory } = plan.guest;
  const rules = { timeoutMs: timeoutMs ?? null, silenceMs, home: plan.target.home };
  const installation = stepDriver({
    begin: beginInstallation(rules, performance.now()),
    step: installStep,
    perform({ kind }: InstallEffect) {
      if (kind === "end-program") program.stop(KILL_MS);
      else void giveShell(() => connectShell(directory));
    },
    onTimer: (timer): InstallEvent => ({ kind: "timer", timer }),
  });
  const { dispatch } = installation;
  const onHeard = (): void => dispatch({ kind: "heard", atMs: performance.now() });
  const onLogLine = (line: string): void => {
    const progress = parseProgress(line);
    if (progress !== undefined) {
      dispatch({ kind: "progressed", progress });
      session.onProgress(progress);
    }
    session.onLog(line);
  };
  const onConsoleLine = (line: string): void => {
    const panic = /Kernel panic - not syncing.*/.exec(line);
    if (panic !== null) dispatch({ kind: "panicked", line: panic[0] });
    session.onConsole(line);
  };
  const giveShell = async (open: () => Duplex | Promise<Duplex>): Promise<void> => {
    if (session.onShell === undefined) return;
    dispatch({ kind: "shell-began" });
    try {
      await session.onShell(await open());
    } catch (error) {
      session.onConsole(String(error));
    } finally {
      dispatch({ kind: "shell-ended", atMs: performance.now() });
    }
  };
  const program = startProgram({
    ...session,
    logFile: plan.logs.log,
    onHeard,
    onLine: onLogLine,
    onConsoleLine,
  });
  program.onShell(SHELL_LINE, (shell) => void giveShell(() => shell));

  const onStatusLine = (line: string): void => dispatch({ kind: "guest-said", line });
  const sources: readonly (readonly [path: string, onLine: (line: string) => void])[] =
    answers.kind === "files"
      ? [
          [answers.status, onStatusLine],
          [plan.logs.log, onLogLine],
          [plan.logs.console, onConsoleLine],
        ]
      : // The program hands its log over by itself; that its console grows is a sign of life.
        [[plan.logs.console, () => {}]];
  const files = sources.map(([path, onLine]) => {
    const lines = lineSplitter(onLine);
    return { lines, file: growingFile(path, (chunk) => lines.push(chunk)) };
  });
  const readAll = (): void => {
    for (const { file } of files) if (file.read()) onHeard();
  };
  const poll = setInterval(() => {
    readAll();
    dispatch({
      kind: "looked",
      atMs: performance.now(),
      isDiskFull: isDiskFull(plan.target.directory),
    });
  }, POLL_MS);
  const onStop = (): void => dispatch({ kind: "stop", signal: signalOf(stop.reason) });
  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });

  try {
    const programEnd = await program.end;
    readAll();
    for (const { lines } of files) lines.end();
    return (answers.kind === "files" ? verdict : commandVerdict)(installation.state.seen, programEnd);
  } finally {
    clearInterval(poll);
    installation.close();
    stop.removeEventListener("abort", onStop);
    for (const { file } of files) file.close();
  }
}
