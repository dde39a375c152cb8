import {
  collectCells,
  openCells,
  openCollection,
  openMatrixReports,
  planCells,
  planTests,
  runCells,
  type MatrixEvent,
  type MatrixControl,
  type MatrixResult,
} from "@vm/kernel-matrix";
import { toScript } from "@vm/command-plan";
import type { Host } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import type { CellTask } from "./cell-options.js";
import { cellWords, flakyPolicy, orderSeed, testRequest, type MatrixOptions } from "./matrix-options.js";
import { showMatrix } from "./test-run.js";

/** Writes a plan of a matrix, runs cells of one, or puts together what there is of it. The script of a dry run is the command itself. */
export async function carryOutTask(
  task: CellTask,
  files: readonly string[],
  options: MatrixOptions,
  context: CommandContext,
): Promise<void> {
  const host = ownHost(context);
  if (options.dryRun === true) {
    checkTask(task, files, options, host);
    writeOutput(toScript(host.repeat()));
    return;
  }
  if (task.kind === "plan") {
    const { directory, cells } = await planCells(
      testRequest(files, options),
      task.directory,
      host,
      (kernel, test) => cellWords(options, { program: host.program, kernel, test }),
    );
    writeNotice(`${cells === 1 ? "1 cell is" : `${cells} cells are`} planned in ${directory}`);
    return;
  }
  if (task.kind === "run") {
    const { jobs } = task;
    const cells = openCells(task.directory, task.choice, host);
    await shown(cells.total, options, context, (watch) =>
      runCells(cells, host, {
        ...watch,
        ...(jobs === undefined ? {} : { jobs }),
        ...flakyPolicy(options),
        ...orderSeed(options),
      }),
    );
    return;
  }
  const collection = openCollection(task.directory, host);
  await shown(collection.total, options, context, (watch) =>
    collectCells(collection, host, { ...watch, ...flakyPolicy(options), wait: task.wait }),
  );
}

/** What the run would refuse the dry run refuses as well. */
function checkTask(task: CellTask, files: readonly string[], options: MatrixOptions, host: Host): void {
  flakyPolicy(options);
  orderSeed(options);
  if (task.kind === "plan") planTests(testRequest(files, options), host);
  else if (task.kind === "run") openCells(task.directory, task.choice, host);
  else openCollection(task.directory, host);
}

interface Watch {
  readonly onEvent: (event: MatrixEvent) => void;
  readonly onStart: (control: MatrixControl) => void;
}

async function shown(
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
