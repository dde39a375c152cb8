import { toScript } from "@vm/command-plan";
import { matrixScript, planTests } from "@vm/kernel-matrix";
import type { Host, TestRequest } from "@vm/operations";
import { cellWords, type MatrixOptions } from "./matrix-options.js";

/** What is of all the runs together: a table, reports, an order and guests side by side. */
const OF_ALL_RUNS = [
  "report",
  "junit",
  "html",
  "json",
  "jobs",
  "failFast",
  "untilFail",
  "seed",
  "guest",
  "rerunFailed",
  "baseline",
  "expectedFailures",
] as const satisfies readonly (keyof MatrixOptions)[];

/** A script that does the same. @param here where the person stands, who may run something again that was asked for elsewhere */
export function testScript(
  request: TestRequest,
  options: MatrixOptions,
  { host, here }: { readonly host: Host; readonly here: Host },
): string {
  // What the run would refuse the script would refuse as well, once for each guest.
  const { kernels, tests, selftests } = planTests(request, host);
  const whole = OF_ALL_RUNS.some((name) => options[name] !== undefined);
  // Then the script is the command itself.
  if (whole || selftests !== undefined) return toScript(here.repeat());
  const cells = kernels.flatMap((kernel) =>
    tests.map((test) => ({
      kernel: kernel.name,
      test: test.name,
      argv: cellWords(options, { program: host.program, kernel: kernel.given, test }),
    })),
  );
  return matrixScript(cells, { cwd: host.cwd });
}
