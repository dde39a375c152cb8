import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { KernelBuild } from "@vm/kernel-build";
import { expect, onTestFinished, test } from "vitest";
import { sourceCommit } from "../../src/report/source-commit.js";

test("the commit of a tree is asked for without the programs that its configuration and its hooks name", async () => {
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
  const hooked = join(tree, "hooked");
  const hook = join(tree, ".git/hooks/post-index-change");
  mkdirSync(dirname(hook), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\n: >${hooked}\n`, { mode: 0o755 });
  // Touched and the same: git writes its index anew.
  writeFileSync(join(tree, "same"), "one");
  git("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "add", "same");
  utimesSync(join(tree, "same"), 1, 1);
  writeFileSync(join(tree, "file"), "two");
  // oxlint-disable-next-line no-unsafe-type-assertion -- What it looks at of a kernel.
  const build = { kind: "build-tree", tree } as KernelBuild;
  expect(await sourceCommit(build, { env: process.env })).toBe(`${hash}-dirty`);
  expect([existsSync(ran), existsSync(hooked)]).toEqual([false, false]);
  utimesSync(join(tree, "same"), 2, 2);
  git("describe", "--always", "--dirty");
  expect([existsSync(ran), existsSync(hooked)]).toEqual([true, true]);
});
