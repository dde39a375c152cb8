import { rmSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { cellWords, type MatrixOptions } from "@vm/command-requests";
import {
  askCluster,
  collectCells,
  newRunName,
  openCollection,
  planCells,
  slurmQueue,
  submitCells,
} from "@vm/kernel-matrix";
import { noticeText, type SlurmQueue, type SubmitCellsRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { writeError, writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { showCells } from "./cell-run.js";

type SlurmRequest = SubmitCellsRequest & { readonly on: SlurmQueue };

/** Plans a matrix, lets a cluster run its cells, and reports on them as on a run here. */
export async function testOnCluster(
  request: SlurmRequest,
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
