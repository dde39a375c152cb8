import { cellWords, type MatrixOptions, type PlanRequest } from "@vm/command-requests";
import {
  collectCells,
  openCells,
  openCollection,
  openMatrixReports,
  planCells,
  planTests,
  readSubmission,
  runCells,
  slurmQueue,
  type CellQueue,
  type Collection,
  type MatrixEvent,
  type MatrixControl,
  type MatrixResult,
  type TestColumn,
} from "@vm/kernel-matrix";
import { toScript } from "@vm/command-plan";
import type { Host } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";
import { showMatrix } from "./test-run.js";

/** Writes a plan of a matrix, runs cells of one, or puts together what there is of it. The script of a dry run is the command itself. */
export async function carryOutCells(
  request: PlanRequest,
  options: MatrixOptions,
  context: CommandContext,
): Promise<void> {
  const host = ownHost(context);
  if (options.dryRun === true) {
    checkCells(request, host);
    writeOutput(toScript(host.repeat()));
    return;
  }
  switch (request.operation) {
    case "plan-cells": {
      const { program } = host;
      const again = (kernel: string, test: TestColumn): string[] =>
        cellWords(options, { program, kernel, test });
      const { directory, cells } = await planCells(request, host, again);
      writeRemark(`${cells === 1 ? "1 cell is" : `${cells} cells are`} planned in ${directory}`);
      return;
    }
    case "run-cells": {
      const cells = openCells(request, host);
      await showCells(cells.total, options, context, (watch) => runCells(cells, host, watch));
      return;
    }
    case "collect-cells": {
      const collection = openCollection(request, host);
      const queue = queueOf(collection, host);
      await showCells(collection.total, options, context, (watch) =>
        collectCells(collection, host, { ...watch, queue }),
      );
      return;
    }
    default:
      request satisfies never;
  }
}

/** What the run would refuse the dry run refuses as well. */
function checkCells(request: PlanRequest, host: Host): void {
  if (request.operation === "plan-cells") planTests(request.test, host);
  else if (request.operation === "run-cells") openCells(request, host);
  else openCollection(request, host);
}

interface Watch {
  readonly onEvent: (event: MatrixEvent) => void;
  readonly onStart: (control: MatrixControl) => void;
}

/** Who begins its cells, where they are waited for and Slurm does. */
function queueOf({ directory, wait }: Collection, host: Host): CellQueue | undefined {
  const submission = wait === "until-answered" ? readSubmission(directory) : undefined;
  return submission && slurmQueue(directory, submission, host);
}

/** Shows cells as they end, then their table and reports. */
export async function showCells(
  total: number,
  options: MatrixOptions,
  context: CommandContext,
  run: (watch: Watch) => Promise<MatrixResult>,
): Promise<void> {
  const reports = openMatrixReports(options, context.cwd);
  await showMatrix(reports, options, context, (display) => {
    const { event: onEvent, connect: onStart } = display(total);
    return run({ onEvent, onStart });
  });
}
