import { expect, test } from "vitest";
import { runInTerminal } from "../src/index.js";

test.each([
  ["exit 3", 3],
  ["kill -KILL $$", 128 + 9],
  ['[ "$PWD" = / ] && [ "$A" = b ]', 0],
])("a program that does `%s` ends with %d, in its directory and environment", async (script, expected) => {
  const env = { PATH: process.env["PATH"], A: "b" };
  expect(await runInTerminal(["sh", "-c", script], { cwd: "/", env })).toBe(expected);
});
