import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { kunitColumn } from "../src/kunit-column.js";

it("boots with KUnit on and the filter, and reads the console", () => {
  expect(kunitColumn("list*")).toMatchObject({
    name: "kunit:list*",
    suite: "kunit:list*",
    parameters: ["kunit.enable=1", "kunit.filter_glob=list*"],
    results: { from: "console", header: "wanted" },
  });
  expect(kunitColumn("*")).toMatchObject({ name: "kunit", parameters: ["kunit.enable=1"] });
});

it("what loads the modules is clean to shellcheck", () => {
  const { command } = kunitColumn("*");
  const { stdout, status } = spawnSync("shellcheck", ["-s", "sh", "-"], {
    input: Buffer.from(command),
    encoding: "utf8",
  });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
});
