import { createWriteStream, openSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { commandReport, type CommandResult } from "@vm/guest-run";
import { renderJunit, singleRun } from "@vm/kernel-matrix";
import { toJson } from "../dry-run.js";
import type { RunOptions } from "./run-options.js";

/** Where the kernel's console goes (`--console`): a file, made now so that a bad name is known before the boot. */
export function openConsole(file: string, cwd: string): Writable {
  if (file === "-") return process.stderr;
  return createWriteStream("", { fd: openSync(resolve(cwd, file), "w") });
}

/** Writes what `--report` and `--junit` ask for. */
export function writeReports(
  result: CommandResult,
  { report, junit, kernel = "" }: RunOptions,
  { cwd, startedAt }: { readonly cwd: string; readonly startedAt: Date },
): void {
  if (report !== undefined) writeFileSync(resolve(cwd, report), toJson(commandReport(result)));
  if (junit !== undefined) {
    writeFileSync(
      resolve(cwd, junit),
      renderJunit(singleRun({ kernel: { given: kernel }, result, startedAt })),
    );
  }
}
