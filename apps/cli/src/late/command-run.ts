import { Writable } from "node:stream";
import { toScript, type Step } from "@vm/command-plan";
import {
  bisectExitCode,
  commandArgv,
  commandExitCode,
  guestEnvironment,
  runCommand,
  type CommandResult,
  type RunCommand,
} from "@vm/guest-run";
import type { CommandContext } from "../command-module.js";
import { writeNotice, writeOutput } from "../output.js";
import { bootLimitMs } from "../run/boot-limit.js";
import { withBuiltKernel } from "../run/built-kernel.js";
import { withGitArch } from "../run/git-arch.js";
import { withCommandExit } from "../run/command-exit.js";
import { openConsole, openReports } from "../run/command-files.js";
import { prepareGuest, type GuestRun, type PreparedGuest } from "../run/command-guest.js";
import { callingUser, parseDuration, parseFailOn } from "../run/command-request.js";
import { describeOutcome } from "../run/command-words.js";
import { guestShell } from "../run/guest-shell.js";
import { lateDebug } from "../run/late-debug.js";
import { describeOutOfMemory } from "../run/out-of-memory.js";
import type { RunOptions } from "../run/run-options.js";
import { repeatedCommand, repeatedWords } from "../run/repeated-words.js";
import { openStreams, wantsTerminal } from "../run/streams.js";

/** `vm run [NAME] -k KERNEL --exec COMMAND`: a command in a guest. Without --exec: a shell in the embedded guest. */
export async function runInGuest(run: GuestRun): Promise<void> {
  const { options, context } = run;
  await withCommandExit(options, context, async () => {
    if (options.dryRun !== true) {
      await runNow(run);
      return;
    }
    try {
      writeOutput(await dryScript(run));
    } catch (error) {
      writeOutput(repeatedWords(error, context));
    }
  });
}

async function runNow(run: GuestRun): Promise<void> {
  const { context } = run;
  const options = await withBuiltKernel(await withGitArch(run.options, run.name, context), context);
  const request = readRequest({ ...run, options });
  const prepared = await prepareGuest({ ...run, options });
  if (prepared.accelerator.reason !== undefined) writeNotice(prepared.accelerator.reason);
  const reports = openReports(options, context.cwd);
  try {
    const result = await runPrepared(prepared, request, options, context);
    // First the files: standard error may be broken.
    reports.write(result);
    tell(result, options);
    const { guest } = prepared;
    const memory = guest.kind === "embedded" ? (guest.memory ?? "1G") : undefined;
    const usedUp = describeOutOfMemory(result, memory);
    if (usedUp !== undefined) writeNotice(usedUp);
    if (prepared.debug !== undefined) (await lateDebug()).tellDump(result.dump);
    context.setExitCode(options.bisect === true ? bisectExitCode(result) : commandExitCode(result.outcome));
  } finally {
    reports.discard();
    prepared.debug?.close();
  }
}

async function runPrepared(
  prepared: PreparedGuest,
  request: Request,
  options: RunOptions,
  { cwd }: CommandContext,
): Promise<CommandResult> {
  const limitMs = bootLimit(options, prepared);
  const streams = openStreams(options);
  const console = options.console === undefined ? undefined : openConsole(options.console, cwd);
  if (wantsTerminal(options) && process.stderr.isTTY) writeNotice(`booting ${kernelName(prepared)} ...`);
  try {
    const result = await runCommand({
      ...request,
      ...started(prepared),
      ...(console === undefined ? {} : { console: console.stream }),
      ...(limitMs === undefined ? {} : { bootTimeoutMs: limitMs }),
      streams: streams.streams,
      onStart: streams.control,
    });
    await console?.close();
    return result;
  } finally {
    streams.close();
  }
}

function kernelName({ guest }: PreparedGuest): string {
  const { kernel } = guest;
  return ("release" in kernel ? kernel.release : undefined) ?? kernel.image;
}

/** A person in front of a shell or with a debugger waits as long as they like. */
function bootLimit({ exec, bootTimeout, bisect }: RunOptions, guest: PreparedGuest): number | undefined {
  const isWatched = (exec === undefined && bisect !== true) || guest.debug?.gdb === "stub";
  return isWatched && bootTimeout === undefined ? undefined : bootLimitMs(bootTimeout, guest.accelerator);
}

type Request = Omit<RunCommand, "streams" | "onStart" | "guest" | "qemu" | "acceleratorOptions">;

function readRequest({ name, options, context: { env, cwd } }: GuestRun): Request {
  const { timeout, failOn } = options;
  const isHost = name === undefined && options.root === undefined;
  return {
    command: options.exec ?? guestShell,
    environment: guestEnvironment(env, isHost ? "host" : "foreign"),
    cwd,
    ...(options.user === true ? { user: callingUser() } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
    ...(failOn === undefined ? {} : { failOn: parseFailOn(failOn) }),
  };
}

function started({
  guest,
  qemu,
  accelerator,
  debug,
}: PreparedGuest): Pick<RunCommand, "guest" | "qemu" | "acceleratorOptions" | "dumpFile" | "patience"> {
  return {
    guest,
    qemu,
    acceleratorOptions: accelerator.options,
    ...(debug?.dumpFile === undefined ? {} : { dumpFile: debug.dumpFile }),
    ...(debug?.gdb === "stub" ? { patience: "endless" } : {}),
  };
}

/** The script runs this very `vm`, which makes the sockets to the guest; QEMU's arguments are told for the person to read. */
async function dryScript(run: GuestRun): Promise<string> {
  const { context } = run;
  const options = await withBuiltKernel(await withGitArch(run.options, run.name, context), context);
  const stdin = options.stdin === false ? "none" : process.stdin;
  const nowhere = new Writable();
  const argv = commandArgv({
    ...readRequest({ ...run, options }),
    ...started(await prepareGuest({ ...run, options })),
    streams: { kind: "pipes", stdin, stdout: nowhere, stderr: nowhere },
  });
  const lines = toScript([{ kind: "exec", argv }]).split("\n");
  return toScript([
    { kind: "comment", text: "QEMU, with a socket to `vm` on each descriptor (fd=):" },
    ...lines
      .slice(
        lines.findIndex((line) => line.startsWith("  exec ")),
        lines.lastIndexOf("}"),
      )
      .map((text): Step => ({ kind: "comment", text })),
    ...repeatedCommand(context),
  ]);
}

/** How much of the console is shown after a failure; `--console` has all of it. */
const consoleLines = 25;

/** Says on standard error what a status alone does not: how the run ended, and the console's last lines. */
function tell({ outcome, consoleTail }: CommandResult, options: RunOptions): void {
  const words = describeOutcome(outcome);
  if (words === undefined) return;
  const ofCommand = outcome.kind === "signalled" || outcome.kind === "stopped";
  if (!ofCommand && options.console !== "-" && consoleTail.length > 0) {
    writeNotice("the last lines of the kernel's console:");
    for (const line of consoleTail.slice(-consoleLines)) writeNotice(`  ${line}`);
  }
  writeNotice(words);
}
