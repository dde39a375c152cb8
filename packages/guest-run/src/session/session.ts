import { lineSplitter } from "@vm/command-plan";
import { crashDump } from "../debug/crash-dump.js";
import { makeShareDirectory, removeShareDirectory } from "../share/directory.js";
import { consoleLog } from "./console-log.js";
import { connectInput, connectOutput } from "./connected-streams.js";
import type { ConsoleFinding } from "./console-watch.js";
import { isReaderGone, outputLost, outputSink } from "./output-sink.js";
import type { CommandPlan } from "../protocol/plan.js";
import { readInBatches, startQemu, type QemuProcess } from "./qemu-process.js";
import type { CommandRequest } from "../protocol/request.js";
import type { CommandResult } from "./result.js";
import type { RunCommand } from "./run-request.js";
import { parseGuestLine, type GuestEvent } from "../protocol/status-protocol.js";
import { isHang, verdict, type EndedBy, type Observations } from "./verdict.js";

/** How long the last words of a console are waited for after a panic, and the end of the output after the status. */
const GRACE_MS = 10_000;

/** Starts QEMU with the plan, and watches it to its end. */
export async function commandSession({
  run,
  request,
  plan,
  argv,
  start,
}: {
  readonly run: RunCommand;
  readonly request: CommandRequest;
  readonly plan: CommandPlan;
  readonly argv: readonly [string, ...string[]];
  readonly start: number;
}): Promise<CommandResult> {
  const seen: Observations = {
    started: false,
    commandBegan: false,
    failure: null,
    status: null,
    outputComplete: false,
    complaintsAtAnswer: null,
    shutdown: plan.writes === "guest-disk" ? "awaited" : "skipped",
    notes: [],
    complaints: [],
    noInit: null,
    lacksModules: lacksModules(run.guest),
    endedBy: null,
  };
  const at = { firstConsoleByteMs: null, initMs: null, commandMs: null, statusMs: null } as {
    [event in "firstConsoleByteMs" | "initMs" | "commandMs" | "statusMs"]: number | null;
  };
  const hasPanicked = (): boolean => seen.complaints.some(({ kind }) => kind === "panic");
  let release: string | null = null;
  let droppedComplaints = 0;
  let quitting = false;
  makeShareDirectory(plan.shares);
  const qemu = startQemu({
    argv,
    channels: plan.channels,
    cwd: plan.directory,
    env: run.env ?? process.env,
    ...(plan.lockFd === undefined ? {} : { lockFd: plan.lockFd }),
  });
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, action: () => void): void => void timers.add(setTimeout(action, ms));
  const now = (): number => performance.now() - start;
  const kill = (): void => qemu.kill("SIGKILL");
  const qmpChannel = qemu.channels.get("qmp");
  const dump =
    run.dumpFile === undefined || qmpChannel === undefined
      ? null
      : crashDump({ channel: qmpChannel, file: run.dumpFile, hasPanicked, kill });
  /** The guest is lost: what is left of it is its memory. */
  const giveUp = (): void => void (dump === null ? kill() : dump.take().then(kill));
  /** Nobody waits any longer for a reader of ours that takes nothing. */
  const drop = (): void => {
    for (const pump of pumps) pump.drop();
    consoleSink?.drop();
  };
  let dropTimer: NodeJS.Timeout | undefined;
  const end = (by: EndedBy): void => {
    seen.endedBy ??= by;
    if (by.kind === "stop") {
      drop();
      kill();
      return;
    }
    dropTimer ??= setTimeout(drop, GRACE_MS);
    giveUp();
  };
  const tell = (line: string): void => void qemu.channels.get("status")?.write(`${line}\n`);
  const endWhenComplete = (): void => {
    seen.outputComplete = pumps.every((pump) => pump.complete);
    if (seen.status === null || !seen.outputComplete || quitting) return;
    quitting = true;
    seen.complaintsAtAnswer = seen.complaints.length;
    for (const timer of timers) clearTimeout(timer);
    quit(qemu, plan, {
      after,
      onNoShutdown: () => {
        const reason = `The guest did not power off within ${POWER_OFF_MS / 1000} s of its answer.`;
        seen.endedBy ??= { kind: "no-shutdown", reason };
      },
    });
  };

  const awaitOutput = (status: number): void =>
    after(GRACE_MS, () => {
      // It is our own reader that is slow.
      if (pumps.some(({ waiting }) => waiting)) awaitOutput(status);
      else
        end({ kind: "hang", reason: `The command ended with status ${status}, but its output never did.` });
    });
  const onFinding = (finding: ConsoleFinding): void => {
    if (finding.kind === "no-init") {
      if (!seen.started) seen.noInit ??= finding;
      return;
    }
    const { kind, line } = finding.complaint;
    const isKept = seen.complaints.filter((other) => other.kind === kind).length < MAX_COMPLAINTS;
    if (isKept) seen.complaints.push(finding.complaint);
    else droppedComplaints += 1;
    if (run.patience === "endless") return;
    // `panic=-1` ends QEMU by itself, unless the person's own parameters say otherwise.
    if (kind === "panic") after(GRACE_MS, giveUp);
    if (isHang(kind)) after(GRACE_MS, () => end({ kind: "hang", reason: line }));
  };
  const onEvent = (event: GuestEvent): void => {
    switch (event.kind) {
      case "started":
        seen.started = true;
        at.initMs ??= now();
        return;
      case "kernel":
        release = event.release;
        return;
      case "command":
        seen.commandBegan = true;
        at.commandMs ??= now();
        input.begin();
        return;
      case "exited":
        if (seen.status !== null) return;
        seen.status = event.status;
        at.statusMs = now();
        awaitOutput(event.status);
        endWhenComplete();
        return;
      case "failed":
        seen.failure = event.reason;
        kill();
        return;
      case "note":
        if (seen.commandBegan && seen.status === null && seen.notes.length < MAX_NOTES)
          seen.notes.push(event.text);
        return;
      default:
        event satisfies never;
    }
  };

  /** Something of ours failed: what the guest says is not handed on any more, so it says nothing. */
  let failure: Error | null = null;
  const onFailure = (error: Error): void => {
    failure ??= error;
    drop();
    kill();
  };
  const closedOutputs: ("stdout" | "stderr" | "terminal")[] = [];

  const log = consoleLog(plan.root, onFinding);
  const consoleSocket = qemu.channels.get("console");
  const consoleSink =
    run.console === undefined
      ? null
      : outputSink(run.console, (error) => {
          if (!isReaderGone(error)) onFailure(outputLost("the kernel's console", error));
        });
  const onConsole = (chunk: Buffer, more: () => void): void => {
    at.firstConsoleByteMs ??= now();
    log.push(chunk);
    if (consoleSink === null || consoleSink.write(chunk)) more();
    else consoleSink.onceReady(more);
  };
  if (consoleSocket !== undefined) readInBatches(consoleSocket, onConsole);
  const status = lineSplitter((line) => onEvent(parseGuestLine(line)));
  qemu.channels.get("status")?.on("data", (chunk: Buffer) => status.push(chunk));
  qemu.channels.get("script")?.resume().end(plan.script);
  const pumps = connectOutput(run, request, qemu, {
    onComplete: endWhenComplete,
    tell,
    onReaderGone: (channel) => closedOutputs.push(channel),
    onFailure,
  });
  const input = connectInput(run, qemu, { onInterrupt: () => end({ kind: "stop", signal: 2 }), onFailure });
  if (run.timeoutMs !== undefined) {
    const afterMs = run.timeoutMs;
    after(afterMs, () => end({ kind: "timeout", phase: seen.commandBegan ? "command" : "boot", afterMs }));
  }
  if (run.bootTimeoutMs !== undefined) {
    const afterMs = run.bootTimeoutMs;
    after(afterMs, () => seen.commandBegan || end({ kind: "timeout", phase: "boot", afterMs }));
  }
  run.onStart?.({
    pid: qemu.pid,
    signal: (name) => {
      if (seen.commandBegan) tell(`signal ${name}`);
      return seen.commandBegan;
    },
    resize: (rows, columns) => tell(`size ${rows} ${columns}`),
    stop: (signal) => end({ kind: "stop", signal }),
  });

  const qemuEnd = await qemu.end;
  removeShareDirectory(plan.shares);
  for (const timer of timers) clearTimeout(timer);
  input.disconnect();
  // A slow reader is waited for.
  await Promise.all([...pumps, ...(consoleSink === null ? [] : [consoleSink])].map((to) => to.finish()));
  clearTimeout(dropTimer);
  if (failure !== null) throw failure;
  return {
    outcome: verdict(seen, qemuEnd, new Set(run.failOn)),
    complaints: seen.complaints,
    droppedComplaints,
    release,
    durations: { ...at, totalMs: now() },
    consoleTail: log.tail(),
    closedOutputs,
    argv,
    qemuStderr: qemuEnd.stderr,
    command: request.command,
    dump: dump?.outcome ?? null,
  };
}

const MAX_NOTES = 100;
/** Complaints of a kind that are kept: a guest may repeat itself without end. */
const MAX_COMPLAINTS = 100;

function quit(
  qemu: QemuProcess,
  { writes }: CommandPlan,
  {
    after,
    onNoShutdown,
  }: { readonly after: (ms: number, action: () => void) => void; readonly onNoShutdown: () => void },
): void {
  switch (writes) {
    case "nothing":
      qemu.kill("SIGKILL");
      return;
    case "host-files":
      qemu.kill("SIGTERM");
      after(GRACE_MS, () => qemu.kill("SIGKILL"));
      return;
    case "guest-disk":
      after(POWER_OFF_MS, () => {
        onNoShutdown();
        qemu.kill("SIGTERM");
      });
      after(POWER_OFF_MS + GRACE_MS, () => qemu.kill("SIGKILL"));
      return;
    default:
      writes satisfies never;
  }
}

/** How long a guest may take to power off after its answer. */
const POWER_OFF_MS = 120_000;

function lacksModules(guest: RunCommand["guest"]): boolean {
  if (guest.kind !== "embedded") return false;
  const { tree, configFile, initrd } = guest.kernel;
  return tree === undefined && configFile === undefined && initrd === undefined;
}
