/** What differs from run to run: times, places in memory and of files. */
const changing: ReadonlySet<string> = new Set([
  "startedAt",
  "durationMs",
  "durations",
  "jobs",
  "argv",
  "console",
  "lines",
]);

/** A JSON report of a matrix without what differs from run to run. */
export function comparableReport(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => (changing.has(key) ? undefined : value));
}

/** The names of a JUnit report, and how each test ended. */
export function junitCases(text: string): string[] {
  return text
    .split("<testcase")
    .slice(1)
    .map(
      (part) =>
        part.replaceAll(/ time="[^"]*"/g, "").match(/^[^>]*>\s*(?:<(?:failure|error)[^>]*>)?/)?.[0] ?? "",
    );
}

/** A table without its times. */
export function untimedTable(table: string): string {
  return table.replaceAll(/\d+\.\d s|at most.*/g, "").replaceAll(/ +/g, " ");
}
