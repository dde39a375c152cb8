import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { runGithubWorkflow, runGitlabPipeline, type CiSetting, type JobEnd } from "../guest/ci-runners.js";
import { junitCases } from "../guest/matrix-reports.js";
import { createVmHome, type VmHome } from "../guest/vm-home.js";

const directory = fileURLToPath(new URL("../../docs/ci", import.meta.url));

let home: VmHome;
let place: string;
let setting: CiSetting;
/** What was not run, but stood for. */
let replaced: Set<string>;

beforeEach(async () => {
  const { build } = await kernelFixture();
  home = createVmHome();
  place = mkdtempSync(join(tmpdir(), "vm-ci-"));
  replaced = new Set();
  const repository = join(place, "repository");
  mkdirSync(join(repository, "tests"), { recursive: true });
  writeFileSync(join(repository, "tests/good.sh"), "test -e tests/bad.sh\n");
  writeFileSync(join(repository, "tests/bad.sh"), "exit 3\n");
  const bin = join(place, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "vm"), `#!/bin/sh\nexec ${home.vm().join(" ")} "$@"\n`, { mode: 0o755 });
  setting = {
    place,
    repository,
    env: { ...home.env, VM_ACCEL: "tcg", PATH: `${bin}:${process.env["PATH"]}` },
    // Programs come from the network, and the kernel: this machine has them.
    replace: (script) => {
      const isFromNetwork = /apt-get |npm install /.test(script);
      const fetched = script.replaceAll("$(vm kernel --fetch debian:trixie)", build);
      if (!isFromNetwork && fetched === script) return undefined;
      replaced.add(script);
      return isFromNetwork ? ":" : fetched;
    },
  };
});

afterEach(() => {
  home.remove();
  rmSync(place, { recursive: true, force: true });
});

/** The file, in three parts: the third one has no cells. */
function inThreeParts(name: string): string {
  const text = readFileSync(join(directory, name), "utf8");
  const changed = text
    .replace("shard: [1, 2, 3, 4]", "shard: [1, 2, 3]")
    .replace("matrix.shard }}/4", "matrix.shard }}/3")
    .replace("parallel: 4", "parallel: 3");
  const file = join(place, name);
  writeFileSync(file, changed);
  return file;
}

function expectEnds(ends: readonly JobEnd[]): void {
  expect(ends.map(({ job, passed }) => [job, passed])).toEqual([
    ["plan", true],
    ["run 1", false],
    ["run 2", true],
    ["run 3", true],
    ["report", false],
  ]);
  expect(ends.at(-1)?.output).toContain("1 failed");
}

/** One that failed, and one that passed, as junitCases tells them. */
function cases(): unknown[] {
  return [expect.stringContaining("<failure"), expect.not.stringContaining("<failure")];
}

test("the workflow for GitHub plans, runs its parts on machines of their own, and reports", async () => {
  expectEnds(await runGithubWorkflow(inThreeParts("github-workflow.yml"), setting));
  expect(replaced.size).toBe(3);
  expect(junitCases(readFileSync(join(place, "artifacts/report/out.xml"), "utf8"))).toEqual(cases());
  expect(readFileSync(join(place, "artifacts/report/out.html"), "utf8")).toContain("1 of 2 tests passed");
});

test("the pipeline for GitLab does the same", async () => {
  expectEnds(await runGitlabPipeline(inThreeParts("gitlab-ci.yml"), setting));
  expect(replaced.size).toBe(4);
  expect(junitCases(readFileSync(join(place, "workspace/out.xml"), "utf8"))).toEqual(cases());
  expect(readFileSync(join(place, "artifacts/out.html"), "utf8")).toContain("1 of 2 tests passed");
});
