import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { matrixReport, renderHtml, renderJunit, type MatrixResult } from "@vm/kernel-matrix";
import { toJson } from "../dry-run.js";
import type { MatrixOptions } from "./matrix-options.js";

/**
 * Opens the files for the reports, before anything is run: what can not be written is told at once, and no report of an
 * earlier run can be taken for this one's. Returns what writes them.
 */
export function openReports(options: MatrixOptions, cwd: string): (result: MatrixResult) => void {
  const renderers: readonly (readonly [string | undefined, (result: MatrixResult) => string])[] = [
    [options.report, (result) => toJson(matrixReport(result))],
    [options.junit, renderJunit],
    [options.html, renderHtml],
  ];
  const open = renderers.flatMap(([file, render]) =>
    file === undefined ? [] : [{ fd: openReport(resolve(cwd, file)), render }],
  );
  return (result) => {
    for (const { fd, render } of open) {
      const bytes = Buffer.from(render(result));
      for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
      closeSync(fd);
    }
  };
}

function openReport(path: string): number {
  try {
    return openSync(path, "w");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^\w+: |, .*$/g, "") : String(cause);
    throw codedError("REPORT_UNWRITABLE", `the report ${path} can not be written: ${reason}`, { cause });
  }
}
