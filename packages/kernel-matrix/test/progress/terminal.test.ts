import { expect, test } from "vitest";
import { terminalProgress } from "../../src/progress/terminal.js";
import { everyEnd } from "../made-results.js";
import { screenAfter } from "./tmux.js";

const { cells } = everyEnd();
const [first, second, third] = [cells.at(0)!, cells.at(1)!, cells.at(2)!];

/** A display of 60 by 12, and all that it wrote so far. */
function recorded() {
  let text = "$ vm test\r\n";
  // As the terminal's driver does it.
  const write = (piece: string): void => void (text += piece.replaceAll("\n", "\r\n"));
  const progress = terminalProgress({
    details: "folded",
    total: 15,
    write,
    size: () => ({ columns: 60, rows: 12 }),
    colours: "colours",
  });
  return { progress, text: () => text };
}

test("on a real terminal it is drawn in place, failures stay above it, and the end leaves the cursor shown", () => {
  const { progress, text } = recorded();
  for (const { kernel, test: name } of [first, second, third]) {
    progress.event({ kind: "started", kernel, test: name });
  }
  expect(screenAfter(text())).toEqual({
    cursor: "hidden",
    lines: [
      "$ vm test",
      expect.stringMatching(/^\[>{4} +\] 0\/15: 0 passed, \d+\.\d s$/),
      expect.stringMatching(/^ +\d+\.\d s {2}linux-6\.1 · uname -r$/),
      expect.stringMatching(/^ +\d+\.\d s {2}linux-6\.1 · \.\/check\.sh$/),
      expect.stringMatching(/^ +\d+\.\d s {2}linux-6\.1 · kill -9 \$\$$/),
    ],
  });

  progress.event({ kind: "ended", cell: first });
  progress.event({ kind: "ended", cell: second });
  const failure = [
    "FAILED  linux-6.1 · ./check.sh (2.6 s): exited with status 3",
    "    3 of 40 checks failed",
  ];
  expect(screenAfter(text())).toEqual({
    cursor: "hidden",
    lines: [
      "$ vm test",
      ...failure,
      expect.stringMatching(/^\[={3}> +\] 2\/15: 1 passed, 1 failed, \d+\.\d s$/),
      expect.stringMatching(/^ +\d+\.\d s {2}linux-6\.1 · kill -9 \$\$$/),
    ],
  });

  progress.end();
  progress.end();
  progress.event({ kind: "ended", cell: third });
  expect(screenAfter(text())).toEqual({ cursor: "shown", lines: ["$ vm test", ...failure] });
});

test("more guests than lines are counted, and long names are cut", () => {
  const { progress, text } = recorded();
  for (let number = 1; number <= 14; number++) {
    progress.event({ kind: "started", kernel: `kernel-${number}`, test: `${"long ".repeat(20)}\u001b[2J` });
  }
  const { lines } = screenAfter(text());
  expect(lines).toHaveLength(11);
  expect(lines[2]).toMatch(/kernel-1 · long long .*…$/);
  expect(lines.at(-1)).toBe("  and 6 more");
  progress.end();
});

test("it goes away for Ctrl-Z and comes back", () => {
  const { progress, text } = recorded();
  progress.event({ kind: "started", kernel: "k", test: "t" });
  progress.pause();
  expect(screenAfter(text())).toEqual({ cursor: "shown", lines: ["$ vm test"] });
  progress.redraw();
  expect(screenAfter(text()).lines).toHaveLength(3);
  progress.end();
});
