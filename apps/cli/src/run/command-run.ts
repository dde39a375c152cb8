import { type RunOptions, usageError } from "@vm/command-requests";
import type { CommandResult } from "@vm/guest-run";
import { openCommandReports } from "@vm/kernel-matrix";
import {
  commandScript,
  describeOutOfMemory,
  dumpNotices,
  openConsole,
  outcomeMeaning,
  prepareCommand,
  tell,
  type FailureReport,
  type Host,
  type OutcomeMeaning,
  type PreparedCommand,
  type RunCommandRequest,
} from "@vm/operations";
import { startAdvice } from "@vm/operations/failure";
import { isatty } from "node:tty";
import { openStreams, ownStream, runInTerminal } from "@vm/terminal";
import type { CommandContext } from "../command-module.js";
import { writeNotice, writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";
import { withCommandExit } from "./command-exit.js";
import { writeFailure } from "./failure-report.js";

/** `vm run [NAME] -k KERNEL --exec COMMAND`: a command in a guest. Without --exec: a shell in the embedded guest. */
export async function runInGuest(
  request: RunCommandRequest,
  options: RunOptions,
  context: CommandContext,
): Promise<void> {
  const host = ownHost(context);
  await withCommandExit(options, context, async () => {
    if (options.dryRun === true) writeOutput(await commandScript(request, host));
    else await runNow(request, options, context, host);
  });
}

async function runNow(
  request: RunCommandRequest,
  options: RunOptions,
  context: CommandContext,
  host: Host,
): Promise<void> {
  if (options.onFail !== undefined && !(isatty(0) && isatty(1))) {
    throw usageError(
      "--on-fail needs a terminal, on which somebody looks at the guest",
      "Without one: --dump FILE, --report FILE.",
    );
  }
  const prepared = await prepareCommand(request, host);
  const reports = openCommandReports(options, request.kernel.name, {
    cwd: context.cwd,
    again: host.command,
  });
  try {
    const result = await runPrepared(prepared, request, options, context);
    const meaning = outcomeMeaning(result);
    const isAsked = meaning.sentence !== null || options.report !== undefined || options.junit !== undefined;
    const failure = isAsked ? await prepared.explain(result) : null;
    // First the files: standard error may be broken.
    reports.write({ result, failure });
    printEnd(result, { meaning, failure, options }, host);
    const usedUp = describeOutOfMemory(result, prepared.memory);
    if (usedUp !== undefined) writeNotice(usedUp);
    tell(host, dumpNotices(result.dump));
    context.setExitCode(options.bisect === true ? meaning.bisectCode : meaning.exitCode);
  } finally {
    reports.discard();
    prepared.close();
  }
}

async function runPrepared(
  prepared: PreparedCommand,
  { command = {} }: RunCommandRequest,
  options: RunOptions,
  { cwd, env }: CommandContext,
): Promise<CommandResult> {
  const streams = openStreams(command);
  const console =
    options.console === undefined ? undefined : openConsole(options.console, cwd, () => ownStream(2));
  if (command.input === "terminal" && process.stderr.isTTY) writeRemark(`booting ${prepared.kernel} ...`);
  try {
    const result = await prepared.run({
      ...(console === undefined ? {} : { console: console.stream }),
      streams: streams.streams,
      onStart: streams.control,
      async onDebugger(argv) {
        streams.close();
        writeNotice("the command failed: gdb has the guest, which ends with it");
        await runInTerminal(argv, { cwd, env });
      },
    });
    await console?.close();
    return result;
  } finally {
    streams.close();
  }
}

/** How much of the console is shown after a failure of which the kernel said nothing; `--console` has all of it. */
const consoleLines = 25;

/** Prints on standard error what a status alone does not say: what the kernel complained of, else its last lines; and how the run ended. */
function printEnd(
  { outcome, consoleTail }: CommandResult,
  {
    meaning: { sentence },
    failure,
    options,
  }: {
    readonly meaning: OutcomeMeaning;
    readonly failure: FailureReport | null;
    readonly options: RunOptions;
  },
  host: Host,
): void {
  if (sentence === null) return;
  const ofCommand = outcome.kind === "signalled" || outcome.kind === "stopped";
  const isReported = failure !== null && failure.reports.length > 0 && outcome.kind !== "not-started";
  if (!ofCommand && !isReported && options.console !== "-" && consoleTail.length > 0) {
    writeNotice("the last lines of the kernel's console:");
    for (const line of consoleTail.slice(-consoleLines)) writeNotice(`  ${line}`);
  }
  if (!ofCommand && failure !== null && outcome.kind !== "not-started") {
    // With the console on standard error its lines have been there already.
    const folded = options.console === "-" ? "brief" : "folded";
    writeFailure(failure, options.full === true ? "whole" : folded, host);
  }
  writeNotice(sentence);
  if (outcome.kind !== "not-started") return;
  const advice = startAdvice(outcome.cause, options.kernel === undefined ? [] : [options.kernel]);
  if (advice !== undefined) writeNotice(`  ${advice}`);
}
