import { toScript } from "@vm/command-plan";
import { matrixScript } from "@vm/kernel-matrix";
import { writeOutput } from "../output.js";
import { ownBin } from "../own-bin.js";
import { repeatedCommand } from "../run/repeated-words.js";
import { guestSize, parseCount, readCellSettings, runWords } from "./matrix-options.js";
import type { TestRun } from "./test-run.js";

/** Prints a script that does the same. */
export function printScript({ kernels, tests, options, context }: TestRun): void {
  const { report, junit, html, json, jobs, failFast } = options;
  // What the run would refuse the script would refuse as well, once for each guest.
  guestSize(readCellSettings(options, context));
  if (jobs !== undefined) parseCount(jobs, "-j");
  const whole = [report, junit, html, json, jobs, failFast].some((value) => value !== undefined);
  if (whole) {
    // A table, reports and guests side by side are of all the runs together: the script is the command itself.
    writeOutput(toScript(repeatedCommand(context)));
    return;
  }
  const words = runWords(options);
  const cells = kernels.flatMap((kernel) =>
    tests.map((test) => {
      const text = Buffer.from(test.command).toString("utf8");
      // No argument of ours can hold bytes that are no UTF-8.
      const asText = Buffer.from(text).equals(test.command);
      const how =
        asText || test.file === null ? ["run", ...words, "--exec", text] : ["test", ...words, test.file];
      const [verb = "run", ...rest] = how;
      return { kernel: kernel.name, test: test.name, argv: [...ownBin(), verb, "-k", kernel.given, ...rest] };
    }),
  );
  writeOutput(matrixScript(cells, { cwd: context.cwd }));
}
