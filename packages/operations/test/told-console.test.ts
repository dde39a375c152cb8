import { expect, test } from "vitest";
import { toldConsole } from "../src/install/told-console.js";

function shown(lines: readonly string[]): readonly string[] {
  const console = toldConsole(2);
  for (const line of lines) console.push(line);
  return console.lines();
}

test("of a console that had a complaint all is shown from there on, else its last lines", () => {
  const report = [
    "[    3.744944] BUG: kernel NULL pointer dereference, address: 0000000000000000",
    "[    3.745535] Oops: Oops: 0002 [#1] SMP",
    "[    3.750391] Kernel panic - not syncing: Fatal exception",
  ];
  expect(shown(["one", "two", "three"])).toEqual(["two", "three"]);
  expect(shown(["one", "hello: loading out-of-tree module taints kernel.", ...report])).toEqual(report);
  const endless = shown([...report, ...Array.from({ length: 1000 }, (_, index) => `line ${index}`)]);
  expect([endless.length, endless[0]]).toEqual([400, report[0]]);
});
