const width = 24;

/** `[======>>          ]`: what is done, and what is being done. `done` and `running` are parts of `total`. */
export function progressBar({
  done,
  running = 0,
  total,
}: {
  readonly done: number;
  readonly running?: number;
  readonly total: number;
}): string {
  const cells = (count: number): number =>
    Math.floor(Math.min(1, Math.max(0, count / Math.max(1, total))) * width);
  const full = cells(done);
  const busy = cells(done + running) - full;
  return `[${"=".repeat(full)}${">".repeat(busy)}${" ".repeat(width - full - busy)}]`;
}
