import { testCommand } from "@vm/command-guide";
import { toScript } from "@vm/command-plan";
import {
  matrixRequest,
  type MatrixOptions,
  recalledRun,
  type RecalledRun,
  submissionAsScript,
  testScript,
} from "@vm/command-requests";
import { checkCellWork, workOnCells } from "@vm/kernel-matrix";
import type { SubmitCellsRequest } from "@vm/operations";
import type { CommandContext, CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { frontEnd, testKernels } from "../matrix/matrix-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { withCommandExit } from "../run/command-exit.js";

export const define: CommandModule["define"] = definition(
  testCommand,
  (context) => (given: readonly string[], typed: MatrixOptions) =>
    withCommandExit({}, context, async () => {
      const run = recalledRun(given, typed, context);
      const { files, options } = run;
      const there = { ...context, cwd: run.cwd };
      const host = ownHost(there);
      const request = matrixRequest(files, options, context, host);
      const isDry = options.dryRun === true;
      if (request.operation === "submit-cells") await runElsewhere(request, run, context);
      else if (request.operation === "test") {
        if (!isDry) await testKernels(request, run, there);
        else writeOutput(testScript(request, options, { host, here: ownHost(context) }));
      } else if (isDry) {
        const here = ownHost(context);
        checkCellWork(request, here);
        writeOutput(toScript([...here.repeat()]));
      } else await workOnCells(request, frontEnd(run, context), ownHost(context));
    }),
);

/** `--on` */
async function runElsewhere(
  request: SubmitCellsRequest,
  run: RecalledRun,
  context: CommandContext,
): Promise<void> {
  const { files, options } = run;
  const { checkHostsRun, runOnCluster, runOnHosts } = await import("../matrix/elsewhere.js");
  const host = ownHost(context);
  const { on } = request;
  if (on.kind === "ssh") {
    if (options.dryRun !== true) {
      await runOnHosts({ ...request, on }, frontEnd(run, context), host);
      return;
    }
    checkHostsRun(request, host);
    writeOutput(toScript([...host.repeat()]));
  } else if (options.dryRun === true) {
    writeOutput(await submissionAsScript({ ...request, on }, files, options, host));
  } else {
    await runOnCluster({ ...request, on }, { ...frontEnd(run, context), onJob: printJob }, host);
  }
}

function printJob(job: string): void {
  writeOutput(`${job}\n`);
}
