import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { isatty } from "node:tty";
import { codedError, type CodedError } from "@vm/command-plan";
import { openChildDescriptors } from "./descriptors.js";
import type { ForegroundEnd } from "./end.js";
import { launcherArgv, MODES_DESCRIPTOR } from "./launcher.js";
import { openOutputCopy, type OutputCopy } from "./output-copy.js";
import { passStopSignals } from "./stop-signals.js";
import { restoreTerminal } from "./terminal.js";

/** QEMU, to be run in the foreground. */
export interface ForegroundRun {
  /** QEMU's absolute path and its arguments. */
  readonly argv: readonly [program: string, ...args: string[]];
  /** QEMU's working directory: the VM's own. */
  readonly cwd: string;
  /** QEMU's environment; ours if absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** An open descriptor that QEMU shall hold as long as it lives (its descriptor 3). */
  readonly lockFd?: number;
  /** Stops QEMU, as a SIGTERM to us does. One that is aborted before starts nothing: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** How long QEMU may take to quit after a stop signal, before SIGKILL; 10 seconds if absent. */
  readonly stopTimeoutMs?: number;
  /** Sees what QEMU writes on its standard output, on its way to ours; absent: QEMU writes there itself. It is waited for. */
  readonly onOutput?: (chunk: Buffer) => Promise<void> | void;
  /** Called once with QEMU's pid, right after it was started. QEMU is stopped if it throws. */
  readonly onStart?: (pid: number) => void;
}

/**
 * Runs QEMU with our terminal and waits for its end. Ctrl-C on the terminal goes to the guest (QEMU makes the terminal
 * raw). SIGINT, SIGTERM, SIGHUP and SIGQUIT to us stop QEMU. When this settles no QEMU is left, and the terminal's modes
 * are what they were.
 *
 * @throws `QEMU_NOT_STARTED` when the program or the directory cannot be used
 */
export async function runForeground(run: ForegroundRun): Promise<ForegroundEnd> {
  const { argv, cwd, stopTimeoutMs = 10_000, signal } = run;
  signal?.throwIfAborted();
  let child: ChildProcess | undefined;
  let output: OutputCopy | undefined;
  const stop = passStopSignals(() => child, { stopTimeoutMs, signal });
  try {
    output = run.onOutput === undefined ? undefined : openOutputCopy(run.onOutput);
    child = start(run, output);
    output?.started();
    const end = closed(child, argv[0], cwd);
    const modes = collectModes(child);
    if (child.pid !== undefined) await announce(child, child.pid, end, run.onStart);
    const { code, signal: endedBy } = await end;
    if (endedBy !== null && modes() !== "") restoreTerminal(modes());
    // setpriv and the shell answer so when the program cannot be executed; QEMU never does.
    if (code === 126 || code === 127) throw notStarted(argv[0], cwd);
    const lostOutput = (await output?.finish(() => stop.received !== null)) ?? null;
    return { code, signal: endedBy, stoppedBy: stop.received, lostOutput };
  } finally {
    output?.close();
    stop.release();
  }
}

function start(
  { argv, cwd, env = process.env, lockFd }: ForegroundRun,
  output: OutputCopy | undefined,
): ChildProcess {
  // Loaded here, because it takes milliseconds, and a dry run never comes here.
  const modes = isatty(0) ? "saved" : "none";
  const [program, ...args] = launcherArgv({ argv, env, modes, parentPid: process.pid });
  const descriptors = openChildDescriptors(output?.writer);
  const stdio: StdioOptions = [...descriptors.stdio, lockFd ?? "ignore"];
  if (modes === "saved") stdio[MODES_DESCRIPTOR] = "pipe";
  try {
    return spawn(program, args, { cwd, env, stdio });
  } catch (cause) {
    throw notStarted(argv[0], cwd, cause);
  } finally {
    descriptors.close();
  }
}

/** Waits for the process and for the end of the pipe that brings the terminal's modes. */
function closed(
  child: ChildProcess,
  qemu: string,
  cwd: string,
): Promise<Pick<ForegroundEnd, "code" | "signal">> {
  return new Promise((resolve, reject) => {
    // Node throws some failures to start and reports others as an event.
    child.once("error", (cause) => reject(notStarted(qemu, cwd, cause)));
    // A Ctrl-C that ended QEMU by itself may be reported to us after QEMU's end, in the same turn: let it come in.
    child.once("close", (code, signal) => setImmediate(resolve, { code, signal }));
  });
}

async function announce(
  child: ChildProcess,
  pid: number,
  end: Promise<unknown>,
  onStart: ForegroundRun["onStart"],
): Promise<void> {
  try {
    onStart?.(pid);
  } catch (error) {
    child.kill("SIGTERM");
    await end;
    throw error;
  }
}

/** Gathers the terminal's modes; the result gives what has come so far. */
function collectModes(child: ChildProcess): () => string {
  let text = "";
  child.stdio[MODES_DESCRIPTOR]?.on("data", (part: Buffer) => (text += part.toString("latin1")));
  return () => text.trim();
}

function notStarted(qemu: string, cwd: string, cause?: unknown): CodedError {
  const reason = cause instanceof Error ? ` (${cause.message})` : "";
  return codedError("QEMU_NOT_STARTED", `${qemu} could not be started in ${cwd}${reason}.`, {
    hint: "Check that the program runs by itself, with --version, and that the directory exists.",
    cause,
  });
}
