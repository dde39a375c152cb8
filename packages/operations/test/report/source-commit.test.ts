import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBuild } from "@vm/kernel-build";
import { expect, onTestFinished, test } from "vitest";
import { sourceCommit } from "../../src/report/source-commit.js";

test("the commit of a tree is asked for without the program that its configuration names", async () => {
  const tree = mkdtempSync(join(tmpdir(), "vm-source-"));
  onTestFinished(() => rmSync(tree, { recursive: true, force: true }));
  const git = (...argv: string[]): Buffer =>
    execFileSync("git", ["-c", "user.name=me", "-c", "user.email=me@here", ...argv], { cwd: tree });
  writeFileSync(join(tree, "file"), "one");
  git("init", "-q");
  git("add", "file");
  git("commit", "-q", "-m", "one");
  const hash = git("rev-parse", "--short", "HEAD").toString().trim();
  const ran = join(tree, "ran");
  writeFileSync(join(tree, "monitor"), `#!/bin/sh\n: >${ran}\n`, { mode: 0o755 });
  git("config", "core.fsmonitor", join(tree, "monitor"));
  writeFileSync(join(tree, "file"), "two");
  // oxlint-disable-next-line no-unsafe-type-assertion -- What it looks at of a kernel.
  const build = { kind: "build-tree", tree } as KernelBuild;
  expect(await sourceCommit(build, { env: process.env })).toBe(`${hash}-dirty`);
  expect(existsSync(ran)).toBe(false);
  git("describe", "--always", "--dirty");
  expect(existsSync(ran)).toBe(true);
});
