import { resolve } from "node:path";
import { openOutputFile } from "./output-file.js";

/** The files for the reports of a run's result. */
export interface ReportFiles<Result> {
  write(this: void, result: Result): void;
  /** There is nothing to report. */
  discard(this: void): void;
}

/** A file as it was named, or undefined where no such report is wanted; and what goes into it. */
export type Report<Result> = readonly [file: string | undefined, render: (result: Result) => string];

/** Opens the files of the reports that are wanted, before anything is run: see `openOutputFile`. */
export function openReportFiles<Result>(
  reports: readonly Report<Result>[],
  cwd: string,
): ReportFiles<Result> {
  const files = reports.flatMap(([file, render]) =>
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
