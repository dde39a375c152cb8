import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listVms, loadConfig, lockVm, ownIdentity } from "@vm/vm-store";
import { expect, test } from "vitest";
import { change, scriptOfChange, snapshotsOf, type ChangeRequest } from "../../src/index.js";
import { byteOf, makeVm, refusal, sizeOf, stage, writeByte } from "./stage.js";

const remove = (vm: string): ChangeRequest => ({ operation: "remove-vm", vm });
const rename = (vm: string, newName: string): ChangeRequest => ({ operation: "rename-vm", vm, newName });
const clone = (vm: string, newName: string, disks: "copied" | "linked"): ChangeRequest => ({
  operation: "clone-vm",
  vm,
  newName,
  disks,
});
const resize = (vm: string, size: string, disk?: string): ChangeRequest => ({
  operation: "resize-disk",
  vm,
  size,
  ...(disk === undefined ? {} : { disk }),
});
const snapshot = (deed: "create" | "delete" | "restore", vm: string, tag: string): ChangeRequest => ({
  operation: `${deed}-snapshot`,
  vm,
  tag,
});

test("a VM is removed, or gets another name, and nothing else in the home is touched", async () => {
  const { home, host } = stage();
  await makeVm(home, "A b");
  mkdirSync(join(home, "iso"));
  await change(rename("A b", "C"), host);
  expect(listVms(home)).toEqual(["C", "iso"]);
  await change(remove("C"), host);
  expect(readdirSync(home)).toEqual(["iso"]);
  for (const request of [remove("C"), rename("C", "D")]) {
    expect(await refusal(change(request, host))).toMatchObject({ code: "VM_NOT_FOUND" });
  }
  // Another tool's directory has no vm.mjs.
  expect(await refusal(change(remove("iso"), host))).toMatchObject({ code: "CONFIG_NOT_FOUND" });
  expect(await refusal(change(remove("../iso"), host))).toMatchObject({ code: "VM_NAME_INVALID" });
});

test("a link to a VM is removed as a link", async () => {
  const { home, host, root } = stage();
  await makeVm(root, "elsewhere");
  mkdirSync(home);
  symlinkSync("../elsewhere", join(home, "A"));
  await change(remove("A"), host);
  expect(readdirSync(home)).toEqual([]);
  expect(byteOf(join(root, "elsewhere/root.qcow2"))).toBe(1);
});

test("nothing that would change it is done to a VM that runs", async () => {
  const { home, host } = stage();
  await makeVm(home, "A");
  const lock = lockVm(join(home, "A"), { command: ["vm", "run", "A"] });
  const requests = [
    remove("A"),
    rename("A", "B"),
    clone("A", "B", "copied"),
    clone("A", "B", "linked"),
    resize("A", "2M"),
    snapshot("create", "A", "one"),
  ];
  for (const request of requests) {
    expect(await refusal(change(request, host))).toMatchObject({ code: "VM_RUNNING" });
  }
  lock.release();
  expect(readdirSync(home)).toEqual(["A"]);
  expect(sizeOf(join(home, "A/root.qcow2"))).toBe(1 << 20);
});

test.each(["copied", "linked"] as const)(
  "a clone whose disks are %s and the VM that it was made of go their own ways",
  async (disks) => {
    const { home, host } = stage();
    await makeVm(home, "A", { byte: 1, disks: 1 });
    writeFileSync(join(home, "A/notes, mine"), "notes");
    await change(clone("A", "B", disks), host);
    await change(clone("B", "C", disks), host);
    writeByte(join(home, "A/root.qcow2"), 2);
    writeByte(join(home, "B/root.qcow2"), 3);
    for (const [name, byte] of [
      ["A", 2],
      ["B", 3],
      ["C", 1],
    ] as const) {
      expect(byteOf(join(home, name, "root.qcow2"))).toBe(byte);
      expect(byteOf(join(home, name, "disk1.qcow2"))).toBe(1);
      execFileSync("qemu-img", ["check", "-q", join(home, name, "root.qcow2")]);
      expect((await loadConfig({ home, name })).qemuOptions).not.toEqual([]);
      expect(readFileSync(join(home, name, "notes, mine"), "utf8")).toBe("notes");
    }
    expect(readdirSync(home)).toEqual(["A", "B", "C"]);
    expect(await refusal(change(clone("A", "B", disks), host))).toMatchObject({ code: "VM_EXISTS" });
  },
);

test("a VM on whose disks others stand stays where it is until they are gone", async () => {
  const { home, host } = stage();
  await makeVm(home, "A");
  await change(clone("A", "B", "linked"), host);
  await change(clone("B", "C", "copied"), host);
  for (const request of [remove("A"), rename("A", "X")]) {
    expect(await refusal(change(request, host))).toMatchObject({
      code: "VM_LINKED",
      message: expect.stringContaining("the disks of B, C stand on its own"),
    });
  }
  await change(remove("B"), host);
  // What stands on another one can be renamed itself.
  await change(rename("C", "Z"), host);
  expect(byteOf(join(home, "Z/root.qcow2"))).toBe(1);
  await change(remove("Z"), host);
  await change(rename("A", "X"), host);
  expect(byteOf(join(home, "X/root.qcow2"))).toBe(1);
  await change(remove("X"), host);
  expect(readdirSync(home)).toEqual([]);
});

test("what a copy would share with its VM is refused", async () => {
  const { home, host, root } = stage();
  await makeVm(home, "A");
  const config = readFileSync(join(home, "A/vm.mjs"), "utf8");
  execFileSync("mv", [join(home, "A/root.qcow2"), join(root, "disk.qcow2")]);
  writeFileSync(join(home, "A/vm.mjs"), config.replace("file=root.qcow2", "file=../../disk.qcow2"));
  expect(await refusal(change(clone("A", "B", "copied"), host))).toMatchObject({ code: "DISK_ELSEWHERE" });
  writeFileSync(join(home, "A/vm.mjs"), config);
  expect(await refusal(change(clone("A", "B", "copied"), host))).toMatchObject({ code: "DISK_MISSING" });
  execFileSync("qemu-img", ["convert", "-O", "raw", join(root, "disk.qcow2"), join(home, "A/root.qcow2")]);
  expect(await refusal(change(clone("A", "B", "linked"), host))).toMatchObject({ code: "LINK_IMPOSSIBLE" });
  expect(await refusal(change(snapshot("create", "A", "one"), host))).toMatchObject({
    code: "SNAPSHOT_IMPOSSIBLE",
  });
  expect(readdirSync(home)).toEqual(["A"]);
});

test("a disk gets larger, by so much or to so much, and never smaller", async () => {
  const { home, host } = stage();
  await makeVm(home, "A", { disks: 1 });
  await change(resize("A", "+1M"), host);
  await change(resize("A", "5M", "disk1.qcow2"), host);
  expect(sizeOf(join(home, "A/root.qcow2"))).toBe(2 << 20);
  expect(sizeOf(join(home, "A/disk1.qcow2"))).toBe(5 << 20);
  expect(byteOf(join(home, "A/root.qcow2"))).toBe(1);
  expect(await refusal(change(resize("A", "1M"), host))).toMatchObject({ code: "DISK_WOULD_SHRINK" });
  expect(await refusal(change(resize("A", "much"), host))).toMatchObject({ code: "SIZE_INVALID" });
  expect(await refusal(change(resize("A", "9M", "disk2.qcow2"), host))).toMatchObject({
    code: "DISK_NOT_FOUND",
    message: `A has no disk "disk2.qcow2"`,
  });
});

test("a snapshot is a moment of all disks; what was written since is gone after the way back", async () => {
  const { home, host } = stage();
  await makeVm(home, "A", { byte: 1, disks: 1 });
  const disks = [join(home, "A/root.qcow2"), join(home, "A/disk1.qcow2")];
  await change(snapshot("create", "A", "one, mine"), host);
  for (const disk of disks) writeByte(disk, 2);
  await change(snapshot("create", "A", "two"), host);
  expect(
    (await snapshotsOf({ operation: "list-snapshots", vm: "A" }, host)).map(({ tag, missingOn }) => [
      tag,
      missingOn,
    ]),
  ).toEqual([
    ["one, mine", []],
    ["two", []],
  ]);
  expect(await refusal(change(snapshot("create", "A", "two"), host))).toMatchObject({
    code: "SNAPSHOT_EXISTS",
  });
  await change(snapshot("restore", "A", "one, mine"), host);
  expect(disks.map(byteOf)).toEqual([1, 1]);
  await change(snapshot("restore", "A", "two"), host);
  expect(disks.map(byteOf)).toEqual([2, 2]);
  await change(snapshot("delete", "A", "two"), host);
  expect(await refusal(change(snapshot("restore", "A", "two"), host))).toMatchObject({
    code: "SNAPSHOT_NOT_FOUND",
  });
  for (const tag of ["7", "-d", "", "a\nb", " a"]) {
    expect(await refusal(change(snapshot("create", "A", tag), host))).toMatchObject({
      code: "SNAPSHOT_TAG_INVALID",
    });
  }
  // Not on every disk: it can be forgotten, and not gone back to.
  execFileSync("qemu-img", ["snapshot", "-d", "one, mine", disks[1] ?? ""]);
  expect(await snapshotsOf({ operation: "list-snapshots", vm: "A" }, host)).toMatchObject([
    { missingOn: ["disk1.qcow2"] },
  ]);
  expect(await refusal(change(snapshot("restore", "A", "one, mine"), host))).toMatchObject({
    code: "SNAPSHOT_IMPOSSIBLE",
  });
  await change(snapshot("delete", "A", "one, mine"), host);
  expect(await snapshotsOf({ operation: "list-snapshots", vm: "A" }, host)).toEqual([]);
});

test("a VM that was not set back to the end is not used until it is", async () => {
  const { home, host } = stage();
  await makeVm(home, "A");
  await change(snapshot("create", "A", "one"), host);
  writeByte(join(home, "A/root.qcow2"), 2);
  writeFileSync(join(home, "A/.restoring"), "one\n");
  for (const request of [clone("A", "B", "copied"), resize("A", "2M"), snapshot("create", "A", "two")]) {
    expect(await refusal(change(request, host))).toMatchObject({
      code: "VM_HALF_RESTORED",
      hint: "Finish it: vm snapshot restore A one",
    });
  }
  await change(snapshot("restore", "A", "one"), host);
  expect(byteOf(join(home, "A/root.qcow2"))).toBe(1);
  await change(resize("A", "2M"), host);
});

test("the script of a change does what the change does", async () => {
  const { home, host } = stage();
  await makeVm(home, "A b");
  const run = async (request: ChangeRequest): Promise<void> => {
    const script = await scriptOfChange(request, host);
    execFileSync("sh", { input: script });
  };
  await run(clone("A b", "linked", "linked"));
  await run(clone("A b", "copied", "copied"));
  await run(snapshot("create", "copied", "one"));
  writeByte(join(home, "copied/root.qcow2"), 2);
  await run(snapshot("restore", "copied", "one"));
  await run(resize("copied", "+1M"));
  expect(byteOf(join(home, "copied/root.qcow2"))).toBe(1);
  await run(snapshot("delete", "copied", "one"));
  await run(rename("copied", "renamed"));
  expect(sizeOf(join(home, "renamed/root.qcow2"))).toBe(2 << 20);
  expect(await snapshotsOf({ operation: "list-snapshots", vm: "renamed" }, host)).toEqual([]);
  writeByte(join(home, "A b/root.qcow2"), 3);
  expect(byteOf(join(home, "linked/root.qcow2"))).toBe(1);
  await run(remove("linked"));
  await run(remove("A b"));
  expect(readdirSync(home)).toEqual(["renamed"]);
});

test("what a change left that was killed half-way is removed by the next one; a living one's is not", async () => {
  const { home, host } = stage();
  await makeVm(home, "A");
  const { pid, startTicks, boot, pidNamespace } = ownIdentity();
  const dead = [`.B.copy-${pid}-1-${boot}-${pidNamespace}`, `.B.gone-${pid}-1-${boot}-${pidNamespace}`];
  const living = `.C.copy-${pid}-${startTicks}-${boot}-${pidNamespace}`;
  for (const name of [...dead, living, ".D.copy"]) {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, "root.qcow2"), "");
  }
  await change(resize("A", "2M"), host);
  expect(readdirSync(home)).toEqual([living, ".D.copy", "A"]);
  expect(existsSync(join(home, living, "root.qcow2"))).toBe(true);
});

test("two at once: of two VMs that want one name one gets it, and all are whole", async () => {
  const { home, host } = stage();
  await makeVm(home, "A");
  await makeVm(home, "B");
  const results = await Promise.allSettled([
    change(rename("A", "X"), host),
    change(rename("B", "X"), host),
    change(clone("A", "Y", "copied"), host),
  ]);
  expect(results.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  for (const name of listVms(home)) {
    execFileSync("qemu-img", ["check", "-q", join(home, name, "root.qcow2")]);
    await loadConfig({ home, name });
  }
  expect(listVms(home)).toContain("X");
});
