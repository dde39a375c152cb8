import type { CellEnd } from "../result.js";

/** A time for people: `0.4 s`, `12.3 s`, `2:05 min`, `1:02:05 h`. */
export function durationText(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)} min`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)} h`;
}

const two = (number: number): string => String(number).padStart(2, "0");

/** How long the cell's guest lived; null for one that had none. */
export function cellDurationMs(end: CellEnd): number | null {
  return end.kind === "ran" && end.result.argv.length > 0 ? end.result.durations.totalMs : null;
}
