import { expect, test } from "vitest";
import { lineProgress } from "../../src/progress/lines.js";
import { everyEnd } from "../made-results.js";

test("a line for each cell that ended, and the last words of one that failed; no control character", () => {
  let text = "";
  const { cells } = everyEnd();
  const progress = lineProgress({ total: 15, details: "folded", write: (piece) => (text += piece) });
  for (const cell of cells.slice(0, 2)) {
    progress.event({ kind: "started", kernel: cell.kernel, test: cell.test });
    progress.event({ kind: "ended", cell });
  }
  progress.event({ kind: "ended", cell: cells.at(5)! });
  progress.end();
  expect(text).toBe(
    `[ 1/15] passed  linux-6.1 · uname -r (2.6 s)
[ 2/15] FAILED  linux-6.1 · ./check.sh (2.6 s): exited with status 3
    3 of 40 checks failed
[ 3/15] FAILED  linux-next · uname -r (2.6 s): kernel panic: Fatal exception
    [    1.234567] Kernel panic - not syncing: Fatal exception
    CPU: 0 PID: 1
`,
  );
});
