import { toScript } from "@vm/command-plan";
import { matrixScript, planTests } from "@vm/kernel-matrix";
import type { TestRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { cellWords } from "./matrix-options.js";
import type { RecalledRun } from "./recalled-run.js";

/** A script that does the same. @param here where the person stands, who may run something again that was asked for elsewhere */
export function testScript(
  request: TestRequest,
  { options, context }: RecalledRun,
  here: CommandContext,
): string {
  const host = ownHost(context);
  // What the run would refuse the script would refuse as well, once for each guest.
  const { kernels, tests } = planTests(request, host);
  const {
    report,
    junit,
    html,
    json,
    jobs,
    failFast,
    untilFail,
    seed,
    guest,
    rerunFailed,
    baseline,
    expectedFailures,
  } = options;
  const whole = [
    report,
    junit,
    html,
    json,
    jobs,
    failFast,
    untilFail,
    seed,
    guest,
    rerunFailed,
    baseline,
    expectedFailures,
  ].some((value) => value !== undefined);
  // A table, reports, an order and guests side by side are of all the runs together: the script is the command itself.
  if (whole) return toScript(ownHost(here).repeat());
  const cells = kernels.flatMap((kernel) =>
    tests.map((test) => ({
      kernel: kernel.name,
      test: test.name,
      argv: cellWords(options, { program: host.program, kernel: kernel.given, test }),
    })),
  );
  return matrixScript(cells, { cwd: context.cwd });
}
