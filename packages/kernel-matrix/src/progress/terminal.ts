import { plainLine } from "@vm/command-plan";
import { cutText, progressBar } from "@vm/terminal";
import { durationText } from "../report/duration.js";
import { failureLines, type ReportDetails } from "../report/failure-lines.js";
import type { Colours } from "../report/paint.js";
import { cellLine, countsText } from "../report/table.js";
import type { CellResult } from "../result.js";
import { countVerdicts } from "../verdict.js";
import type { Progress } from "./progress.js";

export interface TerminalProgress extends Progress {
  /** Draws again: after a change of size, or when the program goes on after Ctrl-Z. */
  redraw(this: void): void;
  /** Takes the display away for the time being, as for Ctrl-Z. */
  pause(this: void): void;
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_BELOW = "\u001b[J";
const up = (lines: number): string => (lines === 0 ? "\r" : `\r\u001b[${lines}A`);

const TICK_MS = 1000;

/**
 * A display that is drawn in place: a bar with the counts, and a line for each guest that runs. What did not pass is
 * written above it and stays.
 */
export function terminalProgress({
  total,
  details,
  write,
  size,
  colours,
}: {
  /** How many cells there are. */
  readonly total: number;
  /** How the kernel's report of a failure is shown. */
  readonly details: ReportDetails;
  readonly write: (text: string) => void;
  /** The terminal's size now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly colours: Colours;
}): TerminalProgress {
  const running = new Map<string, { readonly label: string; readonly since: number }>();
  const ended: CellResult[] = [];
  const start = performance.now();
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const frame = (): string[] => {
    const { columns, rows } = size();
    const width = Math.max(20, columns) - 1;
    const now = performance.now();
    const bar = progressBar({ done: ended.length, running: running.size, total });
    const head = `${bar} ${ended.length}/${total}: ${countsText(countVerdicts(ended))}, ${durationText(now - start)}`;
    const room = Math.max(1, rows - 3);
    const guests = [...running.values()].map(
      ({ label, since }) => `  ${durationText(now - since).padStart(8)}  ${label}`,
    );
    const more = guests.length - room;
    const shown = more > 0 ? [...guests.slice(0, room - 1), `  and ${more + 1} more`] : guests;
    return [head, ...shown].map((line) => cutText(line, width));
  };
  const erase = (): string => `${up(drawn)}${CLEAR_BELOW}`;
  const draw = (above = ""): void => {
    if (over) return;
    const lines = frame();
    write(`${HIDE_CURSOR}${erase()}${above}${lines.map((line) => `${line}\n`).join("")}`);
    drawn = lines.length;
    // Seconds go by though nothing happens; the timer alone does not keep the program alive.
    timer ??= setInterval(() => draw(), TICK_MS).unref();
  };
  const takeAway = (): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    write(`${erase()}${SHOW_CURSOR}`);
    drawn = 0;
  };

  return {
    event(event) {
      if (event.kind === "started") {
        const label = `${plainLine(event.kernel)} \u00b7 ${plainLine(event.test)}`;
        running.set(key(event), { label, since: performance.now() });
        draw();
        return;
      }
      running.delete(key(event.cell));
      ended.push(event.cell);
      const lines = failureLines(event.cell, details).map((line) => `    ${line}\n`);
      const failed = countVerdicts([event.cell]).passed === 0;
      draw(failed ? `${cellLine(event.cell, colours)}\n${lines.join("")}` : "");
    },
    redraw: () => draw(),
    pause: takeAway,
    end: () => {
      takeAway();
      over = true;
    },
  };
}

function key({ kernel, test }: { readonly kernel: string; readonly test: string }): string {
  return JSON.stringify([kernel, test]);
}
