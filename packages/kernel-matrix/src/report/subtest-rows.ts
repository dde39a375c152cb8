import { countsItself, isBad, type KtapReport, type KtapTest } from "@vm/ktap";

/** A test inside a cell's command, with the names of those that it is part of. */
export interface SubtestRow {
  readonly path: readonly string[];
  readonly test: KtapTest;
}

/** The tests that count by themselves, in their order. */
export function subtestRows({ tests }: KtapReport): SubtestRow[] {
  const rows: SubtestRow[] = [];
  const walk = (test: KtapTest, above: readonly string[]): void => {
    const path = [...above, test.name];
    for (const each of test.subtests) walk(each, path);
    if (countsItself(test)) rows.push({ path, test });
  };
  for (const test of tests) walk(test, []);
  return rows;
}

/** Those that are a reason for the whole to fail. */
export function badRows(report: KtapReport): SubtestRow[] {
  return subtestRows(report).filter(({ test }) => isBad(test.status));
}

export function rowName({ path }: SubtestRow): string {
  return path.join(" / ");
}

/** What a row says of itself besides its status: `TIMEOUT 45 seconds`. */
export function rowReason({ test: { directive, reason } }: SubtestRow): string {
  const word =
    directive === "TIMEOUT" || directive === "ERROR" || directive === "TODO" ? directive : undefined;
  return [word, reason].filter((part) => part !== undefined).join(" ");
}
