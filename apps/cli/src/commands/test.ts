import { testCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import {
  cellRequest,
  type MatrixOptions,
  recalledRun,
  submissionAsScript,
  testRequest,
  testScript,
} from "@vm/command-requests";
import { withRunDefaults } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { carryOutCells } from "../matrix/cell-run.js";
import { testKernels } from "../matrix/test-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { withCommandExit } from "../run/command-exit.js";

export const define: CommandModule["define"] = definition(
  testCommand,
  (context) => async (given: readonly string[], typed: MatrixOptions) => {
    await withCommandExit({}, context, async () => {
      const run = recalledRun(given, typed, context);
      const { files, options } = run;
      const there = { ...context, cwd: run.cwd };
      const host = ownHost(there);
      const cells = cellRequest(files, options, context);
      if (cells?.operation === "submit-cells") {
        const { test } = cells;
        const asked = test === undefined ? cells : { ...cells, test: withRunDefaults(test, host) };
        const { on } = asked;
        if (on.kind === "ssh") {
          const { testOnHosts } = await import("../matrix/hosts-run.js");
          await testOnHosts(asked, on, options, context);
          return;
        }
        const submitted = { ...asked, on };
        if (options.dryRun === true) writeOutput(await submissionAsScript(submitted, files, options, host));
        else {
          const { testOnCluster } = await import("../matrix/cluster-run.js");
          await testOnCluster(submitted, options, context);
        }
        return;
      }
      if (cells !== undefined) {
        const planned =
          cells.operation === "plan-cells" ? { ...cells, test: withRunDefaults(cells.test, host) } : cells;
        await carryOutCells(planned, options, context);
        return;
      }
      const request = withRunDefaults(testRequest(files, options, context), host);
      if (options.dryRun === true)
        writeOutput(testScript(request, options, { host, here: ownHost(context) }));
      else await testKernels(request, run, there);
    });
  },
);
