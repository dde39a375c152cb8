import { rmSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { toScript, type Step } from "@vm/command-plan";
import {
  askCluster,
  collectCells,
  newRunName,
  openCollection,
  planCells,
  planTests,
  slurmQueue,
  submissionScript,
  submitCells,
} from "@vm/kernel-matrix";
import { noticeText, type SubmitCellsRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { writeError, writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { showCells } from "./cell-run.js";
import { cellWords, matrixWords, reportWords, type MatrixOptions } from "./matrix-options.js";

/** Plans a matrix, lets a cluster run its cells, and reports on them as on a run here. */
export async function testOnCluster(
  request: SubmitCellsRequest,
  options: MatrixOptions,
  context: CommandContext,
): Promise<void> {
  const host = ownHost(context);
  const { test, directory: given, wait = "until-answered", flaky = "pass", onFailure = "go-on" } = request;
  const directory = resolve(context.cwd, given ?? newRunName());
  let isKept = given !== undefined;
  try {
    if (test !== undefined) {
      // Before a kernel is built for a cluster that takes nothing.
      await askCluster(host);
      await planCells({ operation: "plan-cells", test, directory }, host, (kernel, column) =>
        cellWords(options, { program: host.program, kernel, test: column }),
      );
    }
    const collection = openCollection(
      { operation: "collect-cells", directory, wait, flaky, onFailure },
      host,
    );
    const { total } = collection;
    const { record, job } = await submitCells(directory, request, host);
    // From here on the cells write into it, until it is known that they have ended.
    isKept = true;
    const submitted = `${total === 1 ? "1 cell" : `${total} cells`} submitted as job ${job}, planned in ${directory}`;
    if (wait === "no") {
      writeOutput(`${job}\n`);
      tellHowToGoOn(submitted, directory);
      return;
    }
    writeNotice(submitted);
    const queue = slurmQueue(directory, record, host);
    await showCells(total, options, context, async (watch) => {
      const result = await collectCells(collection, host, { ...watch, queue, onStop: "cancel" });
      if (result.stoppedBy === constants.signals.SIGHUP) tellHowToGoOn("the cells go on", directory);
      else isKept = given !== undefined;
      return result;
    });
  } finally {
    if (!isKept) rmSync(directory, { recursive: true, force: true });
  }
}

function tellHowToGoOn(said: string, directory: string): void {
  writeNotice(`${said}; their results come by:`);
  const argv = ["vm", "test", "--collect", directory, "--wait"];
  writeError(`${noticeText({ kind: "command", argv })}\n`);
}

/** A script that plans, submits, waits and reports. Nothing in it cancels the cells when it is stopped. */
export async function submissionAsScript(
  request: SubmitCellsRequest,
  files: readonly string[],
  options: MatrixOptions,
  context: CommandContext,
): Promise<string> {
  const host = ownHost(context);
  const { test, directory: given, wait = "until-answered", onFailure } = request;
  const directory = resolve(context.cwd, given ?? newRunName());
  const { program } = host;
  const prints = wait === "no" ? "job" : "nothing";
  const steps: Step[] = [{ kind: "change-directory", path: context.cwd }];
  if (test === undefined) {
    const { manifest, total, newestAttempt } = openCollection(
      { operation: "collect-cells", directory },
      host,
    );
    const plan = { directory, cells: total, newestAttempt, request: manifest.request };
    steps.push(...(await submissionScript(plan, request, host, prints)));
  } else {
    const { kernels, tests } = planTests(test, host);
    const plan = { directory, cells: kernels.length * tests.length, newestAttempt: 0, request: test };
    if (given === undefined && wait !== "no") steps.push({ kind: "remove-at-end", path: directory });
    steps.push(
      { kind: "run", argv: [...program, "test", ...matrixWords(files, options), "--plan", directory] },
      ...(await submissionScript(plan, request, host, prints)),
    );
  }
  if (wait !== "no") {
    const failFast = onFailure === "stop" ? ["--fail-fast"] : [];
    const words = ["--collect", directory, "--wait", ...failFast, ...reportWords(options)];
    steps.push({ kind: "run", argv: [...program, "test", ...words] });
  }
  return toScript(steps);
}
