import { toScript } from "@vm/command-plan";
import { matrixScript, planTests } from "@vm/kernel-matrix";
import type { TestRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { runWords, type MatrixOptions } from "./matrix-options.js";

/** A script that does the same. */
export function testScript(request: TestRequest, options: MatrixOptions, context: CommandContext): string {
  const host = ownHost(context);
  // What the run would refuse the script would refuse as well, once for each guest.
  const { kernels, tests } = planTests(request, host);
  const { report, junit, html, json, jobs, failFast } = options;
  const whole = [report, junit, html, json, jobs, failFast].some((value) => value !== undefined);
  // A table, reports and guests side by side are of all the runs together: the script is the command itself.
  if (whole) return toScript(host.repeat());
  const words = runWords(options);
  const cells = kernels.flatMap((kernel) =>
    tests.map((test) => {
      const text = Buffer.from(test.command).toString("utf8");
      // No argument of ours can hold bytes that are no UTF-8.
      const asText = Buffer.from(text).equals(test.command);
      const how = asText || test.file === null ? ["--exec", text] : [test.file];
      return {
        kernel: kernel.name,
        test: test.name,
        // `vm test` also reads the results inside an output: its status is the cell's verdict.
        argv: [...host.program, "test", "-k", kernel.given, ...words, ...how],
      };
    }),
  );
  return matrixScript(cells, { cwd: context.cwd });
}
