import { resolve } from "node:path";
import { matrixReport, renderHtml, renderJunit, type MatrixResult } from "@vm/kernel-matrix";
import { toJson } from "../dry-run.js";
import { openOutputFile } from "../output-file.js";
import type { MatrixOptions } from "./matrix-options.js";

/** The reports of a run. */
export interface MatrixReports {
  write(this: void, result: MatrixResult): void;
  /** There is nothing to report. */
  discard(this: void): void;
}

/** Opens the files for the reports, before anything is run: see `openOutputFile`. */
export function openReports(options: MatrixOptions, cwd: string): MatrixReports {
  const renderers: readonly (readonly [string | undefined, (result: MatrixResult) => string])[] = [
    [options.report, (result) => toJson(matrixReport(result))],
    [options.junit, renderJunit],
    [options.html, renderHtml],
  ];
  const files = renderers.flatMap(([file, render]) =>
    file === undefined ? [] : [{ file: openOutputFile(resolve(cwd, file), "the report"), render }],
  );
  return {
    write: (result) => {
      for (const { file, render } of files) file.write(render(result));
    },
    discard: () => {
      for (const { file } of files) file.discard();
    },
  };
}
