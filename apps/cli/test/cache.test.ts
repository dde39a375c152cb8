import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KeptEntry, PrunedCache } from "@vm/operations";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { makeBuildTree, makeSourceRepository, sandbox } from "./vm.js";

const dayMs = 86_400_000;
const mebibyte = 1 << 20;

/** An entry of the cache, of a size and of an age. */
function keep(cache: string, path: string, { mebibytes, days }: { mebibytes: number; days: number }): string {
  const file = join(cache, path);
  for (let each = cache; each !== dirname(file);) {
    each = join(each, file.slice(each.length + 1).split("/")[0] ?? "");
    if (!existsSync(each)) mkdirSync(each, { mode: 0o700 });
  }
  writeFileSync(file, Buffer.alloc(mebibytes * mebibyte, 1));
  const then = (Date.now() - days * dayMs) / 1000;
  for (let each = file; each !== cache; each = dirname(each)) utimesSync(each, then, then);
  return file;
}

/** Four entries: one that nobody used for long, and three that were used before. */
function filled(cache: string): { old: string; older: string; newer: string; now: string; foreign: string } {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  return {
    old: keep(cache, "initramfs/6.1-a.cpio", { mebibytes: 1, days: 40 }),
    older: keep(cache, "kernels/x, y.deb-1/content/file", { mebibytes: 3, days: 9 }),
    newer: keep(cache, "iso/archlinux-2026.01.01-x86_64.iso", { mebibytes: 3, days: 6 }),
    now: keep(cache, "kernels/z.deb-2/source", { mebibytes: 3, days: 0 }),
    foreign: keep(cache, "fixtures/disk", { mebibytes: 3, days: 400 }),
  };
}

test("vm cache list tells what is kept, how large it is, and when it was used; of vm's own rooms alone", async () => {
  const { vm, root } = sandbox();
  filled(join(root, ".cache/vm"));
  const { code, stdout, stderr } = await vm("cache", "list", "--json");
  expect([code, stderr]).toEqual([0, ""]);
  const entries: KeptEntry[] = JSON.parse(stdout);
  expect(entries.map(({ room, name }) => `${room}/${name}`)).toEqual([
    "kernels/z.deb-2",
    "iso/archlinux-2026.01.01-x86_64.iso",
    "kernels/x, y.deb-1",
    "initramfs/6.1-a.cpio",
  ]);
  for (const { bytes, inUse } of entries) expect([bytes >= mebibyte, inUse]).toEqual([true, false]);
  const table = await vm("cache", "list");
  expect(table.stdout.split("\n")[3]).toMatch(/^initramfs\t1M\t\d{4}-\d\d-\d\d\t\/.*6\.1-a\.cpio$/);
  expect((await vm("cache", "list", "-n")).stdout).toContain("6.1-a.cpio");
});

test("vm cache list of no cache is empty, and makes none", async () => {
  const { vm, root } = sandbox();
  expect(await vm("cache", "list", "--json")).toMatchObject({ code: 0, stdout: "[]\n" });
  expect(await vm("cache", "prune")).toMatchObject({ code: 0, stdout: "" });
  expect(existsSync(join(root, ".cache"))).toBe(false);
});

test("vm cache prune removes what nobody used for 30 days, and what was used longest ago over the limit of config.json", async () => {
  const { vm, root } = sandbox();
  const { old, older, newer, now, foreign } = filled(join(root, ".cache/vm"));
  mkdirSync(join(root, ".config/vm"), { recursive: true });
  writeFileSync(join(root, ".config/vm/config.json"), '{"cacheLimit": "7M"}');
  const { code, stdout } = await vm("cache", "prune", "--json");
  expect(code).toBe(0);
  const pruned: PrunedCache = JSON.parse(stdout);
  expect(pruned.removed.map(({ room, why }) => [room, why])).toEqual([
    ["initramfs", "unused"],
    ["kernels", "over the limit"],
  ]);
  expect(pruned.limitBytes).toBe(7 * mebibyte);
  expect([old, older, newer, now, foreign].map((path) => existsSync(path))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
  // What was used today stays, however small the limit of the configuration is; not if the person names one.
  writeFileSync(join(root, ".config/vm/config.json"), '{"cacheLimit": "1M"}');
  expect((await vm("cache", "prune")).stderr).toContain("in the last two days");
  expect([newer, now].map((path) => existsSync(path))).toEqual([false, true]);
  expect((await vm("cache", "prune", "--limit", "0")).code).toBe(0);
  expect([now, foreign].map((path) => existsSync(path))).toEqual([false, true]);
});

test("the script of vm cache prune -n removes the same, and the dry run nothing", async () => {
  const { vm, sh, root } = sandbox();
  const { old, older, newer, now } = filled(join(root, ".cache/vm"));
  const draft = join(root, ".cache/vm/kernels/.old-0123");
  mkdirSync(draft);
  const { code, stdout } = await vm("cache", "prune", "--limit", "4M", "-n");
  expect(code).toBe(0);
  expect([old, older, newer, now, draft].every((path) => existsSync(path))).toBe(true);
  expect(await sh(stdout)).toMatchObject({ code: 0, stderr: "" });
  expect([old, older, newer, now, draft].map((path) => existsSync(path))).toEqual([
    false,
    false,
    false,
    true,
    false,
  ]);
});

test("what a living process was given is in use and stays, whatever the limit", async () => {
  const { vm, root } = sandbox();
  const { newer, older } = filled(join(root, ".cache/vm"));
  const option = `local,path=${dirname(older).replaceAll(",", ",,")},readonly=on`;
  const holder = spawn("sh", ["-c", "echo; read -r _", "sh", option, newer], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void holder.kill("SIGKILL"));
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  const { stdout } = await vm("cache", "list");
  expect(stdout.match(/\tin use\t/g)).toHaveLength(2);
  await vm("cache", "prune", "--limit", "0");
  expect([newer, older].map((path) => existsSync(path))).toEqual([true, true]);
});

test("a build of a revision goes with its entry in the repository", async () => {
  const { vm, root, cwd } = sandbox();
  const cache = join(root, ".cache/vm");
  makeSourceRepository(cwd);
  const place = join(cache, "git/HEAD-1");
  mkdirSync(place, { recursive: true, mode: 0o700 });
  for (const each of [cache, dirname(place)]) expect(statSync(each).mode & 0o077).toBe(0);
  await execa("git", ["worktree", "add", "-q", "--detach", join(place, "source")], { cwd });
  writeFileSync(join(place, "repository"), `${cwd}\n`);
  writeFileSync(join(place, "built"), "x\n");
  expect((await execa("git", ["worktree", "list"], { cwd })).stdout).toContain("HEAD-1");
  expect((await vm("cache", "prune", "--limit", "0")).code).toBe(0);
  expect(readdirSync(dirname(place)).filter((name) => !name.endsWith(".lock"))).toEqual([]);
  expect((await execa("git", ["worktree", "list"], { cwd })).stdout).not.toContain("HEAD-1");
});

test("the limit is kept by itself: something that is made lets the rest go, at most every ten minutes", async () => {
  const { vm, root } = sandbox();
  const cache = join(root, ".cache/vm");
  const { old } = filled(cache);
  makeBuildTree(join(root, "tree"));
  const stamp = join(cache, "pruned");
  // The first time there is only a stamp: a new cache has nothing that would have to go.
  expect((await vm("modules", join(root, "tree"))).stderr).toBe("");
  expect([existsSync(stamp), existsSync(old)]).toEqual([true, true]);
  const before = (Date.now() - 3_600_000) / 1000;
  utimesSync(stamp, before, before);
  await vm("modules", join(root, "tree"));
  for (let attempt = 0; attempt < 3000 && existsSync(old); attempt++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(existsSync(old)).toBe(false);
  // It ends with giving up its lock: then nothing of it is left that would write here.
  await execa("flock", [join(cache, "prune.lock"), "true"]);
});

test("what is no size, and a cache that others can write, are refused", async () => {
  const { vm, root } = sandbox();
  const { old } = filled(join(root, ".cache/vm"));
  expect(await vm("cache", "prune", "--limit", "much")).toMatchObject({ code: 2, stdout: "" });
  await execa("chmod", ["777", join(root, ".cache/vm/kernels")]);
  const { code, stderr } = await vm("cache", "prune", "--limit", "0");
  expect([code, stderr]).toEqual([1, expect.stringContaining("other users can write to")]);
  expect(existsSync(old)).toBe(true);
});
