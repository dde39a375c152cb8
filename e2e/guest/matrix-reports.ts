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
  return JSON.parse(text, (key, value: unknown) => {
    if (changing.has(key)) return undefined;
    return Array.isArray(value) ? value.filter((each) => !isGuess(each)) : value;
  });
}

/** A call that the kernel only guesses (`? rcu_core+0x1ec/0x3e8`): what an interrupt has left on the stack, or not. */
function isGuess(value: unknown): boolean {
  return typeof value === "object" && value !== null && "certain" in value && value.certain === false;
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
  return table.replaceAll(/\d+\.\d s|[\d:]+ (?:min|h)\b|at most.*/g, "").replaceAll(/ +/g, " ");
}
