/** What a line of the script's output says about the installation. Other lines are the output of programs. */
export type Progress =
  | { readonly kind: "section"; readonly number: number; readonly count: number; readonly title: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "done"; readonly message: string };

/** What the lines begin with, after whatever a program left on the line. */
export const PROGRESS_MARK = "==> arch-install ";

const LINE = new RegExp(`${PROGRESS_MARK}(?:\\[(\\d+)/(\\d+)\\] (.+)|failed: (.+)|done: (.+))`);

/**
 * Reads a line that the script prints: `==> arch-install [4/14] Install the packages` when a section begins,
 * `==> arch-install failed: ...` as the last line of a run that failed, `==> arch-install done: ...` after success.
 * The line may come over a serial console: a carriage return at its end, and text before the mark, do not matter.
 * @returns undefined for any other line
 */
export function parseProgress(line: string): Progress | undefined {
  // No `.` of the expression matches a carriage return.
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, number, count, title, failure, success = ""] = match;
  if (title !== undefined) return { kind: "section", number: Number(number), count: Number(count), title };
  return failure === undefined ? { kind: "done", message: success } : { kind: "failed", message: failure };
}
