import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../../kernel-build/test/made-up-tree.js";
import { lackingForSelftests, readSelftests } from "../../src/index.js";
import { makeSource } from "./made-up-source.js";

test("targets, and single programs of them", () => {
  expect(readSelftests("timers,net/lib,size:get_size,x86:a.sh")).toEqual([
    { target: "timers" },
    { target: "net/lib" },
    { target: "size", program: "get_size" },
    { target: "x86", program: "a.sh" },
  ]);
});

test.each([
  "",
  "a,",
  ",a",
  "a b",
  "a\nb",
  "../a",
  "a/../b",
  "/a",
  "a/",
  ".",
  "a:",
  "a:b/c",
  "a:b:c",
  "$(x)",
  "a;b",
])("%j names no selftests", (words) => {
  expect(readSelftests(words)).toBeNull();
});

test("what a configuration lacks for a target is told; a module does for what is wanted built in", async () => {
  const directory = temporaryDirectory();
  const source = makeSource(join(directory, "linux"));
  const config = join(directory, "config");
  writeFileSync(config, "CONFIG_TWO=y\n");
  const file = join(source, "tools/testing/selftests/size/config");
  expect(await lackingForSelftests(source, ["size", "net/lib"], config)).toEqual([
    { target: "size", file, options: ["CONFIG_ONE=y"] },
  ]);
  writeFileSync(config, "CONFIG_ONE=m\nCONFIG_TWO=m\n");
  expect(await lackingForSelftests(source, ["size"], config)).toEqual([]);
});
