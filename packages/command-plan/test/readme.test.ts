import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { buildSync } from "esbuild";
import { afterAll, expect, test } from "vitest";

const sandbox = fs.mkdtempSync(`${os.tmpdir()}/command-plan-readme-`);
afterAll(() => fs.rmSync(sandbox, { recursive: true, force: true }));

const readme = fs.readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The first block of that language in the README. */
function block(language: string): string {
  return readme.split(`\`\`\`${language}\n`)[1]?.split("```")[0] ?? "";
}

test("the README's example prints what the README says", () => {
  const { outputFiles } = buildSync({
    stdin: { contents: block("js"), resolveDir: new URL(".", import.meta.url).pathname },
    bundle: true,
    conditions: ["@vm/source"],
    platform: "node",
    format: "esm",
    write: false,
  });
  const file = `${sandbox}/example.mjs`;
  fs.writeFileSync(file, outputFiles[0]?.contents ?? "");
  const options = { cwd: sandbox, encoding: "utf8" } as const;
  const dryRun = spawnSync(process.execPath, [file, "--dry-run"], options);
  expect(dryRun.stdout).toBe(block("sh"));
  expect(fs.readdirSync(sandbox)).toEqual(["example.mjs"]);
  expect(spawnSync(process.execPath, [file], options).stdout).toBe(block("text"));
  expect(spawnSync("sh", { ...options, input: dryRun.stdout }).stdout).toBe(block("text"));
});
