import {
  remark,
  type CollectCellsRequest,
  type Host,
  type PlanCellsRequest,
  type RunCellsRequest,
} from "@vm/operations";
import type { MatrixFrontEnd } from "../matrix-show.js";
import { readSubmission, slurmQueue } from "../slurm/slurm-queue.js";
import { runOrigin } from "../run-origin.js";
import { planTests } from "../test-run.js";
import { collectCells, openCollection, type Collection, type CollectSettings } from "./collect-cells.js";
import { planCells } from "./plan-cells.js";
import { openCells, runCells } from "./run-cells.js";

type CellWork = CollectCellsRequest | PlanCellsRequest | RunCellsRequest;

/** Writes a plan of a matrix, runs cells of one, or puts together what there is of it. */
export async function workOnCells(request: CellWork, frontEnd: MatrixFrontEnd, host: Host): Promise<void> {
  const { show, version } = frontEnd;
  switch (request.operation) {
    case "plan-cells": {
      const { directory, cells } = await planCells(request, host, frontEnd);
      host.notice(remark(`${cells === 1 ? "1 cell is" : `${cells} cells are`} planned in ${directory}`));
      return;
    }
    case "run-cells": {
      const cells = openCells(request, host);
      if (cells.total === 0)
        host.notice(remark("this part has no cells: the plan has fewer cells than parts"));
      await show(cells.total, (watch) => runCells(cells, host, { ...watch, origin: runOrigin(version) }));
      return;
    }
    case "collect-cells": {
      const collection = openCollection(request, host);
      const submitted = submittedCells(collection, host);
      await show(collection.total, (watch) => collectCells(collection, host, { ...watch, ...submitted }));
      return;
    }
    default:
      request satisfies never;
  }
}

/** What that would refuse is refused here as well, and nothing else is done. */
export function checkCellWork(request: CellWork, host: Host): void {
  if (request.operation === "plan-cells") planTests(request.test, host);
  else if (request.operation === "run-cells") openCells(request, host);
  else openCollection(request, host);
}

/** Who begins its cells, where they are waited for and Slurm does. */
function submittedCells(
  { directory, wait }: Collection,
  host: Host,
): Pick<CollectSettings, "after" | "queue"> {
  const submission = wait === "until-answered" ? readSubmission(directory) : undefined;
  if (submission === undefined) return {};
  return { queue: slurmQueue(directory, submission, host), after: submission.newestAttempt };
}
