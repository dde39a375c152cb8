import { constants } from "node:os";
import { isatty } from "node:tty";
import { errorCode, writeAll } from "@vm/command-plan";
import { outputLost } from "@vm/guest-run";
import { keepTerminal } from "@vm/terminal";
import type { MatrixControl } from "../run-matrix.js";
import type { ReportDetails } from "../report/failure-lines.js";
import { lineProgress } from "./lines.js";
import type { Progress } from "./progress.js";
import { terminalProgress } from "./terminal.js";

export interface ProcessDisplay extends Progress {
  /** Why standard error takes no more, but that its reader has gone; the run is stopped then. */
  readonly lost: Error | undefined;
  /** Lets signals stop the run. */
  connect(this: void, control: MatrixControl): void;
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** How the run is shown on standard error: drawn in place on a terminal, lines elsewhere. `end` gives signals back. */
export function openProcessDisplay({
  total,
  details,
  env,
  colours,
  detail,
}: {
  readonly total: number;
  /** How the kernel's report of a failure is shown. */
  readonly details: ReportDetails;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly colours: "colours" | "plain";
  /** `nothing`: not shown at all; signals stop the run all the same. */
  readonly detail: "nothing" | "progress";
}): ProcessDisplay {
  const { stderr } = process;
  let lost: Error | undefined;
  let isOpen = true;
  let stop: (() => void) | undefined;
  const write = (text: string): void => {
    if (!isOpen) return;
    try {
      // What is drawn on a terminal is ours; every name in it is plain already. A stream would tell of the last line too late.
      writeAll(2, text);
    } catch (error) {
      isOpen = false;
      // Nobody reads it any more: the run goes on, for its reports.
      if (errorCode(error) === "EPIPE") return;
      lost = outputLost("standard error", error instanceof Error ? error : new Error(String(error)));
      stop?.();
    }
  };
  const undo: (() => void)[] = [];
  const on = (signal: NodeJS.Signals | "exit", action: () => void): void => {
    process.on(signal, action);
    undo.push(() => process.removeListener(signal, action));
  };
  const progress = detail === "nothing" ? { event: () => {}, end: () => {} } : shownProgress();

  function shownProgress(): Progress {
    return isatty(2) && env["TERM"] !== "dumb" ? drawnProgress() : lineProgress({ total, write, details });
  }

  function drawnProgress(): Progress {
    const drawn = terminalProgress({
      total,
      details,
      write,
      size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
      colours,
    });
    on("SIGWINCH", drawn.redraw);
    on("SIGCONT", drawn.redraw);
    on("SIGTSTP", () => {
      drawn.pause();
      process.kill(process.pid, "SIGSTOP");
    });
    // Whatever ends us.
    on("exit", drawn.end);
    const letGo = keepTerminal({ changes: "cursor" });
    undo.push(letGo);
    return drawn;
  }

  const end = (): void => {
    progress.end();
    for (const action of undo.splice(0)) action();
  };
  return {
    get lost() {
      return lost;
    },
    event: progress.event,
    end,
    connect: (control) => {
      stop = () => control.stop(constants.signals.SIGTERM);
      if (lost !== undefined) stop();
      for (const signal of stopSignals) {
        on(signal, () => {
          // A second one finds no listener, and ends us at once.
          end();
          control.stop(constants.signals[signal]);
        });
      }
    },
  };
}
