import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  // Of a machine that does not run the disks are all that there is.
  expect(await vm("snapshot", "create", "Y", "three", "--disks-only")).toMatchObject({ code: 0 });
  expect(JSON.parse((await vm("snapshot", "list", "Y", "--json")).stdout)).toMatchObject([
    { tag: "one", hasMemory: false },
    { tag: "three", hasMemory: false },
  ]);
  expect(await vm("rename", "Y", "X")).toMatchObject({ code: 1, stderr: expect.stringContaining("already") });
  expect(await vm("info", "Y")).toMatchObject({ stdout: expect.stringContaining(`, on `) });
});

test("vm edit puts only a configuration in place that a run would take, and loses nothing that was written", async () => {
  const { home, vm, vmWith } = sandbox();
  await vm("create", "X", "-s", "1M");
  const file = join(home, "X/vm.mjs");
  const before = readFileSync(file, "utf8");
  const edit = (VISUAL: string): ReturnType<typeof vm> => vmWith({ VISUAL }, "edit", "X");
  expect(await edit("true")).toMatchObject({ code: 0, stderr: "vm: nothing was changed\n" });
  const broken = await edit("sed -i s/qemuOptions/qemuOptoins/");
  expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('unknown export "qemuOptoins"') });
  const [, draft = ""] = /what you wrote is in (.*)\.\n/.exec(broken.stderr) ?? [];
  expect(readFileSync(draft, "utf8")).toContain("qemuOptoins");
  rmSync(draft);
  expect(await edit("false")).toMatchObject({ code: 1 });
  // Somebody else's change, made while the editor was open, stays.
  const meanwhile = await edit(`sh -c 'echo >> "${file}"; sed -i s/2G/3G/ "$0"'`);
  expect(meanwhile).toMatchObject({ code: 1, stderr: expect.stringContaining("changed by somebody else") });
  expect(readFileSync(file, "utf8")).toBe(`${before}\n`);
  writeFileSync(file, before);
  expect(await edit("sed -i s/2G/3G/")).toMatchObject({ code: 0 });
  expect(readFileSync(file, "utf8")).toBe(before.replace('"2G"', '"3G"'));
  const { stdout } = await vm("edit", "X", "-n");
  expect(stdout).toContain(" edit X");
});

test("vm set and vm disk change what they name, and nothing else of the configuration", async () => {
  const { home, vm } = sandbox();
  await vm("create", "X", "-s", "1M", "--disk", "1M");
  const file = join(home, "X/vm.mjs");
  const before = readFileSync(file, "utf8");
  expect(await vm("set", "X", "cpus=3", "memory=1G")).toMatchObject({ code: 0, stdout: "" });
  expect(readFileSync(file, "utf8")).toBe(before.replace('"2"', '"3"').replace('"2G"', '"1G"'));
  for (const words of [["cpus=0"], ["memory=much"], ["disk=1G"], ["cpus=1", "cpus=2"]]) {
    expect(await vm("set", "X", ...words)).toMatchObject({ code: 2 });
  }
  expect(await vm("disk", "add", "X", "2M", "--nvme")).toMatchObject({ code: 0 });
  expect((await vm("disk", "list", "X")).stdout).toMatch(
    /^root\.qcow2\tqcow2\t.* of 1M\ndisk1\.qcow2\t.*\ndisk2\.qcow2\tqcow2\t.* of 2M\n$/,
  );
  expect(await vm("disk", "remove", "X", "disk2.qcow2")).toMatchObject({ code: 1 });
  expect(await vm("disk", "remove", "X", "disk2.qcow2", "--yes")).toMatchObject({ code: 0 });
  expect(await vm("disk", "remove", "X", "disk1.qcow2", "--keep")).toMatchObject({ code: 0 });
  expect(readdirSync(join(home, "X")).toSorted()).toEqual([".lock", "disk1.qcow2", "root.qcow2", "vm.mjs"]);
  // Its name is taken: an image that is there is never written over.
  await vm("disk", "add", "X", "3M");
  expect((await vm("disk", "list", "X")).stdout).toContain("\ndisk2.qcow2\t");
  writeFileSync(file, before.replace('"2G"', "`2G`"));
  expect(await vm("set", "X", "cpus=1")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("vm edit"),
  });
});
