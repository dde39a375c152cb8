import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { matrixScript } from "../src/script.js";

function sh(script: string) {
  const { status, stdout } = spawnSync("sh", [], { input: script, encoding: "utf8" });
  return { status, stdout };
}

const cell = { kernel: "k", test: "t\nexit 9" };

test("the script runs every cell, whatever became of the others, with no input", () => {
  const script = matrixScript(
    [
      { ...cell, argv: ["sh", "-c", "cat; echo one; exit 3"] },
      { ...cell, argv: ["printf", "%s\n", "it's $HOME"] },
    ],
    { cwd: "/" },
  );
  expect(sh(script)).toEqual({ status: 1, stdout: "one\nit's $HOME\n" });
});

test("it ends with 0 when all did", () => {
  expect(sh(matrixScript([{ ...cell, argv: ["pwd"] }], { cwd: "/tmp" }))).toEqual({
    status: 0,
    stdout: "/tmp\n",
  });
});

test("shellcheck has nothing against it", () => {
  const script = matrixScript([{ ...cell, argv: ["true", "a b"] }], { cwd: "/tmp/it's" });
  const { status, stdout } = spawnSync("shellcheck", ["-"], { input: script, encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});
