import { createWriteStream } from "node:fs";
import { resolve } from "node:path";
import { finished } from "node:stream/promises";
import type { Writable } from "node:stream";
import { commandReport, type CommandResult } from "@vm/guest-run";
import { renderJunit, singleRun } from "@vm/kernel-matrix";
import { toJson } from "../dry-run.js";
import { openForWriting } from "../output-file.js";
import { openReportFiles, type ReportFiles } from "../report-files.js";
import { ownStream } from "./own-stream.js";
import type { RunOptions } from "./run-options.js";

/** Where the kernel's console goes. */
export interface ConsoleTarget {
  readonly stream: Writable;
  /** Closes the file. @throws what the system says when it closes it, such as a full disk */
  close(this: void): Promise<void>;
}

/** The target of `--console`: made now, so that a bad name is known before the boot. */
export function openConsole(file: string, cwd: string): ConsoleTarget {
  if (file === "-") return { stream: ownStream(2), close: () => Promise.resolve() };
  const stream = createWriteStream("", { fd: openForWriting(resolve(cwd, file), "the console's file") });
  return {
    stream,
    async close() {
      // One that has failed has said so, and is closed.
      if (stream.destroyed) return;
      stream.end();
      await finished(stream);
    },
  };
}

/** What `--report` and `--junit` ask for. */
export type CommandReports = ReportFiles<CommandResult>;

/** Opens them before the run. */
export function openReports({ report, junit, kernel = "" }: RunOptions, cwd: string): CommandReports {
  const startedAt = new Date();
  return openReportFiles<CommandResult>(
    [
      [report, (result) => toJson(commandReport(result))],
      [junit, (result) => renderJunit(singleRun({ kernel: { given: kernel }, result, startedAt }))],
    ],
    cwd,
  );
}
