import { cellWords, invocationOf, type MatrixOptions, type RecalledRun } from "@vm/command-requests";
import {
  planTests,
  runShown,
  runTests,
  type MatrixFrontEnd,
  type MatrixResult,
  type MatrixWatch,
} from "@vm/kernel-matrix";
import type { TestRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { coloursFor, manner, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { readManifest } from "../own-version.js";

/** Runs every test on every kernel. */
export async function testKernels(
  request: TestRequest,
  run: RecalledRun,
  context: CommandContext,
): Promise<void> {
  const { options } = run;
  const host = ownHost(context);
  const plan = planTests(request, host, frontEnd(run, context).again);
  const keeps = (options.report ?? options.json) === undefined ? "nothing" : "identities";
  await show(options, context, async (open) => {
    const result = await runTests({ ...plan, keeps }, host, open);
    return { ...result, invocation: invocationOf(run) };
  });
}

/** How this command line shows a matrix, and runs a part of it again. */
export function frontEnd(run: RecalledRun, context: CommandContext): MatrixFrontEnd {
  const { options } = run;
  const { program } = ownHost(context);
  return {
    show: (total, cells) => show(options, context, (open) => cells(open(total))),
    again: (kernel, test) => cellWords(options, { program, kernel, test }),
    invocation: invocationOf(run),
    version: readManifest().version,
  };
}

async function show(
  options: MatrixOptions,
  context: CommandContext,
  run: (open: (total: number) => MatrixWatch) => Promise<MatrixResult>,
): Promise<void> {
  const { cwd, env } = context;
  const { exitCode, text } = await runShown(
    {
      reports: options,
      form: options.json === true ? "json" : "table",
      cwd,
      env,
      details: options.full === true ? "whole" : "folded",
      colours: { stdout: coloursFor(process.stdout, env), stderr: coloursFor(process.stderr, env) },
      detail: manner.isQuiet ? "nothing" : "progress",
      version: readManifest().version,
    },
    run,
  );
  context.setExitCode(exitCode);
  writeOutput(text);
}
