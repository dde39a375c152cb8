import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { launcherArgv } from "../../src/foreground/launcher.js";

function launch(argv: readonly string[], parentPid: number): ReturnType<typeof spawnSync> {
  const [program, ...args] = launcherArgv({ argv, env: process.env, modes: "none", parentPid });
  return spawnSync(program, args, { encoding: "utf8" });
}

test("The launcher hands every argument on unchanged", () => {
  const words = ["a b", "", "$HOME `x` \\", "it's", 'say "so"', "*", "-n", "line\nline", "ü"];
  expect(launch(["/usr/bin/printf", "<%s>", ...words], process.pid).stdout).toBe(
    words.map((word) => `<${word}>`).join(""),
  );
});

test("The launcher starts nothing when vm was gone before it could ask for its signal", () => {
  const { status, stdout } = launch(["/bin/echo", "started"], 1);
  expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
});
