import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, makeSourceRepository, sandbox, unfolded, type Ended, type Sandbox } from "./vm.js";

/** A kernel's source, never configured, and what was built of it, where KBUILD_OUTPUT says. */
function sourceAndBuild(box: Sandbox): { readonly source: string; readonly build: string } {
  const source = join(box.cwd, "linux");
  mkdirSync(join(source, "scripts"), { recursive: true });
  makeSourceRepository(source);
  writeFileSync(join(source, "scripts/Kconfig.include"), "");
  writeFileSync(join(box.cwd, "f.fragment"), "CONFIG_A=y\n");
  const build = makeBuildTree(join(box.root, "out"));
  symlinkSync(source, join(build, "source"));
  return { source, build };
}

test("KBUILD_OUTPUT is where every command finds a source's kernel, and nothing is written into the source", async () => {
  const box = sandbox();
  const { source, build } = sourceAndBuild(box);
  const before = readdirSync(source, { recursive: true });
  const vm = async (...args: string[]): Promise<Ended> => await box.vmWith({ KBUILD_OUTPUT: build }, ...args);
  await box.vm("create", "TestVM");
  const commands = [
    ["run", "-k", source, "--exec", "true", "-n"],
    ["run", "TestVM", "-k", source, "-n"],
    ["start", "-k", source, "--name", "one", "-n"],
    ["kernel", source],
    ["modules", source],
    ["kconfig", "check", source],
    ["kconfig", "merge", "-C", source, "./f.fragment", "-n"],
  ];
  for (const command of commands) {
    // What went wrong would be on standard error.
    const { stdout } = await vm(...command);
    expect([command, stdout]).toEqual([command, expect.stringContaining(build)]);
  }
  expect(readdirSync(source, { recursive: true })).toEqual(before);
});

test("a script that calls vm again finds that kernel in any shell", async () => {
  const box = sandbox();
  const { source, build } = sourceAndBuild(box);
  const vm = async (...args: string[]): Promise<Ended> => await box.vmWith({ KBUILD_OUTPUT: build }, ...args);
  const check = ["kconfig", "check", source, "--for", "none", "./f.fragment"];
  const checked = await vm(...check);
  expect(checked).toMatchObject({ code: 1, stdout: expect.stringContaining(build) });
  expect(await box.sh((await vm(...check, "-n")).stdout)).toEqual(checked);
  const tests = ["test", "-k", source, "--exec", "true", "-n"];
  for (const command of [tests, [...tests, "--junit", "j"]]) {
    const { stdout } = await vm(...command);
    expect([command, unfolded(stdout)]).toEqual([
      command,
      expect.stringContaining(`env 'KBUILD_OUTPUT=${build}' `),
    ]);
  }
});
