import { failureLines, type ReportDetails } from "../report/failure-lines.js";
import { cellLine } from "../report/table.js";
import type { Progress } from "./progress.js";

/** A line for each cell that ended, and under a failure its last lines: for logs. */
export function lineProgress({
  total,
  write,
  details,
}: {
  /** How the kernel's report of a failure is shown. */
  readonly details: ReportDetails;
  /** How many cells there are. */
  readonly total: number;
  readonly write: (text: string) => void;
}): Progress {
  let ended = 0;
  return {
    event(event) {
      if (event.kind !== "ended") return;
      ended += 1;
      const count = `[${String(ended).padStart(String(total).length)}/${total}]`;
      const more = failureLines(event.cell, details).map((line) => `    ${line}\n`);
      write(`${count} ${cellLine(event.cell, "plain")}\n${more.join("")}`);
    },
    end() {},
  };
}
