import { expect, test } from "vitest";
import { consoleLog } from "../../src/session/console-log.js";

const oops = "BUG: kernel NULL pointer dereference, address: 0000000000000008";
const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);

function kept(...lines: readonly string[]): readonly string[] {
  const log = consoleLog("9p", () => {});
  for (const line of lines) log.push(Buffer.from(`${line}\n`));
  return log.complaintLines();
}

test("nothing is kept of a console without complaints, a module that taints the kernel among it", () => {
  expect(kept(...numbered("line", 1000), "hello: loading out-of-tree module taints kernel.")).toEqual([]);
});

test("a complaint is kept with what announces it and what follows, however much the console says then", () => {
  const lines = kept(...numbered("before", 50), oops, ...numbered("after", 100_000));
  expect(lines.slice(0, 12)).toEqual([...numbered("before", 50).slice(-10), oops, "after 0"]);
  expect(lines.length).toBe(10 + 400);
});

test("a later complaint is kept too", () => {
  const lines = kept(
    oops,
    ...numbered("between", 1000),
    "WARNING: lib/foo.c:1 at foo+0x1/0x2, CPU#0: a/1",
    "its end",
  );
  expect(lines.slice(-3)).toEqual([
    "between 999",
    "WARNING: lib/foo.c:1 at foo+0x1/0x2, CPU#0: a/1",
    "its end",
  ]);
});

test("what is kept has an end", () => {
  const lines = kept(...Array.from({ length: 5000 }, () => `WARNING: ${"x".repeat(3000)}`));
  expect(lines.join("\n").length).toBeLessThan(1.1 * (1 << 20));
});
