import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderConfigModule } from "../src/config-template.js";
import { bundlePackage, scratchDirectory } from "./scratch.js";

function blocksOf(file: string, language: string): string[] {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  return Array.from(
    text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs")),
    ([, block = ""]) => block,
  );
}

/** Without what differs from run to run. */
function masked(text: string): string {
  return text
    .replace(/pid: \d+/, "pid")
    .replace(/'\d{4}-.*Z'/, "time")
    .replace(/user: '.*'/, "user");
}

test("the example of the README prints what the README says", () => {
  const directory = scratchDirectory();
  const [example = ""] = blocksOf("../README.md", "js");
  const [output = ""] = blocksOf("../README.md", "text");
  writeFileSync(join(directory, "example.mjs"), example.replace("@vm/vm-store", bundlePackage()));
  const printed = execFileSync(process.execPath, ["example.mjs"], { cwd: directory, encoding: "utf8" });
  expect(masked(printed)).toBe(masked(output));
});

test("docs/config.md shows the config module that a new VM gets", () => {
  const machine = { cpus: "4", memory: "2G" };
  expect(blocksOf("../../../docs/config.md", "js")).toEqual([
    renderConfigModule({ name: "TestVM", machine, rootDisk: "root.qcow2" }),
  ]);
});
