import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox } from "./vm.js";

test("--version prints the version, --help the commands with examples", async () => {
  const { vm } = sandbox();
  expect(await vm("--version")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+ \((commit [0-9a-f]{12}, )?clone\)\n$/),
    stderr: "",
  });
  const help = await vm("--help");
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("vm run TestVM -k ~/linux");
  for (const command of ["create", "run", "config", "list", "modules", "modules-package"]) {
    const own = await vm(command, "--help");
    expect(own).toMatchObject({ code: 0, stderr: "" });
    expect(own.stdout).toContain("--dry-run");
  }
});

test("no command at all is wrong usage, and shows the help on standard error", async () => {
  const ended = await sandbox().vm();
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain("Usage: vm");
});

test("a misspelt command or option gets a suggestion, and exit code 2", async () => {
  const { vm } = sandbox();
  expect(await vm("crate", "X")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Did you mean create?"),
  });
  expect(await vm("help", "crate")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Did you mean create?"),
  });
  expect(await vm("-n", "create", "X")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("the options of a command stand after its name"),
  });
  const option = await vm("run", "X", "--kernal", "y");
  expect(option).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean --kernel?") });
});

test("what -i and -a mean without -k is asked, not guessed", async () => {
  const { vm } = sandbox();
  await vm("create", "X", "-s", "1M");
  expect(await vm("run", "X", "-i", "initrd")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("-i needs -k"),
  });
  expect(await vm("run", "X", "-a", "quiet")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("-a needs -k"),
  });
});

test("errors are sentences with the next step, never a stack trace", async () => {
  const { vm } = sandbox();
  const missing = await vm("run", "Nothing");
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect((await vm("run", "No thing")).stderr).toContain("vm create 'No thing'\n");
  expect(missing.stderr).toMatch(
    /^vm: there is no VM named "Nothing" in .*\nvm: {3}Make it with: vm create Nothing\n$/,
  );
});

test("a working directory that is gone is said", async () => {
  const bin = new URL("../bin/vm.cjs", import.meta.url).pathname;
  const ended = await sandbox().sh(
    `mkdir gone && cd gone && rmdir ../gone && "${process.execPath}" "${bin}" list`,
  );
  expect(ended).toMatchObject({ code: 1, stderr: "vm: the directory that you stand in is gone\n" });
});

test("the compiled code that the build keeps changes nothing that is printed", async () => {
  const { vm, vmWith } = sandbox();
  expect(await vmWith({ NODE_DISABLE_COMPILE_CACHE: "1" }, "run", "--help")).toEqual(
    await vm("run", "--help"),
  );
});

test("a configuration that computes is loaded, also by compiled code that the build kept", async () => {
  const { home, vm, vmWith } = sandbox();
  await vm("create", "X", "-s", "1M");
  writeFileSync(
    join(home, "X/vm.mjs"),
    'import { join } from "node:path";\nexport const qemuOptions = [];\nexport const kernelCmdline = [join("a", "b")];\n',
  );
  for (const ended of [
    await vm("config", "X"),
    await vmWith({ NODE_DISABLE_COMPILE_CACHE: "1" }, "config", "X"),
  ]) {
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(ended.stdout)).toMatchObject({ kernelCmdline: ["a/b"] });
  }
});

test("a malformed argument is wrong usage", async () => {
  const { vm } = sandbox();
  for (const words of [
    ["../X"],
    ["X", "-s", "much"],
    ["X", "-m", "2GB"],
    ["X", "-m", "99999999T"],
    ["X", "-c", "0"],
  ]) {
    expect(await vm("create", ...words)).toMatchObject({ code: 2, stdout: "" });
  }
});

test("memory that no machine has is wrong usage in the embedded guest too", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  for (const memory of ["99999999T", "much", "1K"]) {
    const ended = await vm("run", "-k", "linux", "-m", memory, "--exec", "true");
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(`-m ${memory}: `) });
  }
});

test("control characters of a name are shown, and change neither the line nor the terminal", async () => {
  const { vm } = sandbox();
  const { code, stderr } = await vm("run", "-k", "a\nvm: all is well\u001b[2J/b", "--exec", "true");
  expect(code).toBe(249);
  expect(stderr).toContain("a\u240avm: all is well/b");
  expect(stderr).not.toContain("\u001b");
});

test("what a configuration leaves behind neither keeps the command nor changes its exit code", async () => {
  const { home, vm } = sandbox();
  await vm("create", "X", "-s", "1M");
  const lists = "export const qemuOptions = [], kernelCmdline = [];\n";
  writeFileSync(join(home, "X/vm.mjs"), `${lists}setInterval(() => {}, 1000); process.exitCode = 7;`);
  expect(await vm("config", "X")).toMatchObject({ code: 0, stderr: "" });
  writeFileSync(join(home, "X/vm.mjs"), `${lists}Promise.reject(new Error("too late"));`);
  expect(await vm("config", "X")).toMatchObject({ code: 1, stderr: "vm: too late\n" });
});

test("output that nobody reads any more ends the command quietly", async () => {
  const { sh, vm } = sandbox();
  await vm("create", "X", "-s", "1M");
  const bin = new URL("../bin/vm.cjs", import.meta.url).pathname;
  const ended = await sh(`{ "${process.execPath}" "${bin}" config X; echo "$?" >&2; } | true`);
  expect(ended.stderr).toMatch(/^(?:0|141)\n$/);
  const full = await sh(`"${process.execPath}" "${bin}" config X > /dev/full`);
  expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/^vm: .*no space left/i) });
});

test.each([
  [["help"]],
  [["help", "run"]],
  [["help", "kconfig"]],
  [["kconfig", "help"]],
  [["kconfig", "help", "check"]],
])("vm %j is help that was asked for, and no wrong usage", async (words) => {
  expect(await sandbox().vm(...words)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Usage: vm"),
  });
});
