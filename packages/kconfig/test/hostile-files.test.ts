import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readFragments } from "../src/index.js";
import { temporaryDirectory } from "./made-up-source.js";

function code(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return Object(error).code;
  }
  throw new Error("nothing was thrown");
}

test("a FIFO is no fragment, and no hang", () => {
  const cwd = temporaryDirectory();
  execFileSync("mkfifo", [join(cwd, "NAME.fragment")]);
  expect(code(() => readFragments(["NAME.fragment"], { cwd }))).toBe("FRAGMENT_NOT_FOUND");
  expect(code(() => readFragments(["NAME"], { cwd, configs: cwd }))).toBe("FRAGMENT_NOT_FOUND");
});
