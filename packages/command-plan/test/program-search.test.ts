import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { findProgram, findUtilLinux } from "../src/index.js";

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "program-search-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function program(path: string, mode = 0o755): string {
  writeFileSync(path, "#!/bin/sh\necho found\n");
  chmodSync(path, mode);
  return path;
}

test("the first program of PATH is found, as a shell finds it: no directory, and nothing that cannot be executed", () => {
  const [first, second, third] = [scratch(), scratch(), scratch()];
  mkdirSync(join(first, "tool"));
  program(join(second, "tool"), 0o644);
  const tool = program(join(third, "tool"));
  const env = { PATH: [first, "/nonexistent", second, third].join(":") };
  expect(findProgram("tool", env)).toBe(tool);
  expect(execFileSync("/bin/sh", ["-c", "command -v tool"], { env, encoding: "utf8" }).trim()).toBe(tool);
  expect(findProgram("other", env)).toBeUndefined();
  expect(findProgram("tool", {})).toBeUndefined();
});

test("an empty entry and a relative one are of the current directory, and what is found is absolute", () => {
  const directory = scratch();
  const tool = program(join(directory, "tool"));
  expect(findProgram("tool", { PATH: "/nonexistent:" }, directory)).toBe(tool);
  expect(findProgram("tool", { PATH: relative(process.cwd(), directory) })).toBe(tool);
});

test("busybox is not util-linux, whatever the name of the link to it", () => {
  const directory = scratch();
  program(join(directory, "busybox.static"));
  symlinkSync("busybox.static", join(directory, "setpriv"));
  expect(findUtilLinux("setpriv", { PATH: directory })).toBeUndefined();
  const tool = program(join(directory, "flock"));
  expect(findUtilLinux("flock", { PATH: directory })).toBe(tool);
});
