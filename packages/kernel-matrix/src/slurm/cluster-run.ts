import { rmSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { remark, type Host, type SlurmQueue, type SubmitCellsRequest } from "@vm/operations";
import { collectCells, openCollection } from "../cells/collect-cells.js";
import { planCells } from "../cells/plan-cells.js";
import type { MatrixFrontEnd } from "../matrix-show.js";
import { slurmQueue } from "./slurm-queue.js";
import { askCluster, newRunName, submitCells } from "./submit-cells.js";

type SlurmRequest = SubmitCellsRequest & { readonly on: SlurmQueue };

/**
 * Plans a matrix, lets a cluster run its cells, and reports on them as on a run here.
 * @param onJob told the job's number where the cells are not waited for
 */
export async function runOnCluster(
  request: SlurmRequest,
  { onJob, ...frontEnd }: MatrixFrontEnd & { onJob(this: void, job: string): void },
  host: Host,
): Promise<void> {
  const { test, directory: given, wait = "until-answered", flaky = "pass", onFailure = "go-on" } = request;
  const directory = resolve(host.cwd, given ?? newRunName());
  let isKept = given !== undefined;
  try {
    if (test !== undefined) {
      // Before a kernel is built for a cluster that takes nothing.
      await askCluster(host);
      await planCells({ operation: "plan-cells", test, directory }, host, frontEnd);
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
      onJob(job);
      tellHowToGoOn(submitted, directory, host);
      return;
    }
    host.notice(remark(submitted));
    const queue = slurmQueue(directory, record, host);
    await frontEnd.show(total, async (watch) => {
      const after = record.newestAttempt;
      const result = await collectCells(collection, host, { ...watch, queue, after, onStop: "cancel" });
      if (result.stoppedBy === constants.signals.SIGHUP) tellHowToGoOn("the cells go on", directory, host);
      else isKept = given !== undefined;
      return result;
    });
  } finally {
    if (!isKept) rmSync(directory, { recursive: true, force: true });
  }
}

function tellHowToGoOn(said: string, directory: string, host: Host): void {
  host.notice(remark(`${said}; their results come by:`));
  host.notice({ kind: "command", argv: ["vm", "test", "--collect", directory, "--wait"] });
}
