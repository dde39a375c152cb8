import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { findQemu } from "@vm/guest-run";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, unfolded, type Sandbox } from "./vm.js";

function place(): Sandbox {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  mkdirSync(join(box.cwd, "data"));
  return box;
}

test("--qemu is the QEMU of the script, in every command that starts one", async () => {
  const { vm, cwd } = place();
  await vm("create", "X", "-s", "1M");
  const own = join(cwd, "my-qemu");
  symlinkSync(findQemu({ arch: "x86_64" }), own);
  for (const words of [
    ["run", "X"],
    ["run", "X", "-k", "linux"],
    ["run", "X", "-k", "linux", "--exec", "true"],
    ["run", "-k", "linux", "--exec", "true"],
    ["start", "X"],
    ["start", "-k", "linux", "--name", "try"],
  ]) {
    const { code, stdout } = await vm(...words, "--qemu", "./my-qemu", "-n");
    expect([words, code]).toEqual([words, 0]);
    expect(unfolded(stdout)).toContain(`'${own}' -`);
  }
  const { stdout } = await vm("test", "-k", "linux", "--qemu", "./my-qemu", "-n");
  expect(unfolded(stdout)).toContain("--qemu ./my-qemu");
});

test.each([
  ["./nothing", "--qemu: .*nothing is no program"],
  ["no-such-qemu", "--qemu: there is no program no-such-qemu in PATH"],
  ["./qemu-system-aarch64", "--qemu: .*qemu-system-aarch64 is for aarch64 machines, and the guest is x86_64"],
])("--qemu %s, with which no guest starts, is refused by name in every command", async (qemu, said) => {
  const { vm, cwd } = place();
  await vm("create", "X", "-s", "1M");
  symlinkSync(findQemu({ arch: "x86_64" }), join(cwd, "qemu-system-aarch64"));
  for (const words of [
    ["run", "X"],
    ["run", "-k", "linux", "--exec", "true"],
    ["start", "-k", "linux", "--name", "try"],
  ]) {
    const ended = await vm(...words, "--qemu", qemu, "-n");
    expect([words, ended]).toEqual([
      words,
      { code: 2, stdout: "", stderr: expect.stringMatching(new RegExp(said)) },
    ]);
  }
});

test.each([
  [["--env", "1A=b"], "--env: expected NAME or NAME=VALUE"],
  [["--env", ""], "--env: expected NAME or NAME=VALUE"],
  [["--env", "A B=c"], "--env: expected NAME or NAME=VALUE"],
  [["--env", "NOT_THERE"], "--env: there is no variable NOT_THERE here"],
  [["--share", "data:mnt"], "--share: expected DIRECTORY:GUESTPATH"],
  [["--share", "data:/"], "--share: expected DIRECTORY:GUESTPATH"],
  [["--share", "data:/a/../b"], "--share: expected DIRECTORY:GUESTPATH"],
  [["--share", "data:/proc/x"], "--share: expected DIRECTORY:GUESTPATH"],
  [["--share", "data:/mnt:wr"], "--share: expected DIRECTORY:GUESTPATH"],
  [["--share", ":/mnt"], "--share: expected DIRECTORY:GUESTPATH"],
  [["--share", "nothing:/mnt"], "--share: there is no directory"],
  [["--share", "9p", "--share", "virtiofs"], "--share: 9p and virtiofs are two different ways"],
  [["--share", "data:/mnt/x", "--share", "linux:/mnt/x"], "are both to be /mnt/x of the guest"],
] as const)("%j is refused by name: run, start and test", async (words, said) => {
  const { vm } = place();
  for (const command of [
    ["run", "-k", "linux", "--exec", "true"],
    ["start", "-k", "linux", "--name", "try"],
  ]) {
    expect([command, await vm(...command, ...words, "-n")]).toEqual([
      command,
      { code: 2, stdout: "", stderr: expect.stringContaining(said) },
    ]);
  }
  // What only the planned guest shows is the verdict on its kernel.
  const { code, stdout, stderr } = await vm("test", "-k", "linux", ...words);
  expect(code).toBeGreaterThan(0);
  expect(stdout + stderr).toContain(said);
});

test("what is for a command or the embedded guest is refused for a VM by name", async () => {
  const { vm } = place();
  await vm("create", "X", "-s", "1M");
  for (const [words, flag] of [
    [["run", "X", "--env", "A=b"], "--env"],
    [["start", "X", "--env", "A=b"], "--env"],
    [["run", "X", "-k", "linux", "--share", "data:/mnt"], "--share data:/mnt"],
    [["start", "X", "-k", "linux", "--share", "data:/mnt"], "--share data:/mnt"],
    [["run", "X", "--shell"], "--shell in a VM needs a kernel"],
    [["run", "-k", "linux", "--exec", "true", "--shell", "--no-stdin"], "--no-stdin and --shell"],
    [["start", "X", "--shell"], "--shell"],
  ] as const) {
    expect([words, await vm(...words)]).toEqual([
      words,
      { code: 2, stdout: "", stderr: expect.stringContaining(flag) },
    ]);
  }
});
