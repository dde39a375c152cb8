import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { bin, sandbox } from "./vm.js";

test("vm rm asks, and takes --yes where nobody can be asked", async () => {
  const { home, sh, vm } = sandbox();
  await vm("create", "X", "-s", "1M");
  expect(await vm("rm", "X")).toMatchObject({ code: 1, stderr: expect.stringContaining("--yes") });
  const asked = (answer: string): Promise<{ stdout: string; code: number }> =>
    sh(`echo ${answer} | script -qec "'${process.execPath}' '${bin}' rm X" /dev/null`);
  expect(await asked("n")).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/Remove the virtual machine X, .*\[y\/N\] [^]*nothing was changed/),
  });
  expect(readdirSync(home)).toEqual(["X"]);
  expect(await asked("y")).toMatchObject({ code: 0, stdout: expect.stringContaining("removed X") });
  expect(readdirSync(home)).toEqual([]);
  await vm("create", "X", "-s", "1M");
  expect(await vm("rm", "--yes", "X")).toEqual({ code: 0, stdout: "", stderr: "vm: removed X\n" });
});

test("a life of a VM, by words: each command says what it did, and what would be right where it did nothing", async () => {
  const { vm } = sandbox();
  await vm("create", "X", "-s", "1M");
  expect(await vm("clone", "X", "Y", "--linked")).toMatchObject({ code: 0, stdout: "" });
  expect(await vm("rm", "X", "--yes")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("the disks of Y stand on its own"),
  });
  expect(await vm("snapshot", "create", "Y", "one")).toMatchObject({
    code: 0,
    stderr: "vm: Y has the snapshot one\n",
  });
  expect((await vm("snapshot", "list", "Y")).stdout).toMatch(/^one\t\d{4}-.*Z\n$/);
  expect(await vm("snapshot", "restore", "Y", "two")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("It has one."),
  });
  expect(await vm("resize", "Y", "+1M", "--disk", "root.qcow2")).toMatchObject({ code: 0 });
  expect(await vm("resize", "Y", "+1M", "--disk", "other.qcow2")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("It has root.qcow2."),
  });
  expect(await vm("resize", "Y", "much")).toMatchObject({ code: 2 });
  expect(await vm("snapshot", "create", "Y", "1")).toMatchObject({ code: 2 });
  expect(await vm("rename", "Y", "X")).toMatchObject({ code: 1, stderr: expect.stringContaining("already") });
  expect(await vm("info", "Y")).toMatchObject({ stdout: expect.stringContaining(`, on `) });
});
