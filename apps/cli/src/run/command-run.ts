import { type RunOptions, usageError } from "@vm/command-requests";
import type { CommandResult } from "@vm/guest-run";
import { openCommandReports } from "@vm/kernel-matrix";
import {
  commandScript,
  describeCommandEnd,
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

/** Prints on standard error what a status alone does not say. */
function printEnd(
  result: CommandResult,
  {
    meaning,
    failure,
    options,
  }: {
    readonly meaning: OutcomeMeaning;
    readonly failure: FailureReport | null;
    readonly options: RunOptions;
  },
  host: Host,
): void {
  const { kernel, full } = options;
  const console = options.console === "-" ? "seen" : "unseen";
  const words = describeCommandEnd(result, meaning, failure, { console, kernel });
  for (const line of words.before) writeNotice(line);
  // With the console on standard error its lines have been there already.
  const details = full === true ? "whole" : console === "seen" ? "brief" : "folded";
  if (failure !== null && words.isReportShown) writeFailure(failure, details, host);
  for (const line of words.after) writeNotice(line);
}
