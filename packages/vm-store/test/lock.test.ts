import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lockVm, readVmLock } from "../src/index.js";
import { bundlePackage, scratchDirectory } from "./scratch.js";

const bundle = bundlePackage();
const command = ["vm", "run", "TestVM"];

/** A process that locks the VM, says so, and waits to be killed. `last`: what it does once it has the lock. */
async function holdElsewhere(
  directory: string,
  last = "process.stdin.resume()",
): Promise<{ pid: number; kill(): Promise<void> }> {
  const program = `const lock = require(process.argv[1]).lockVm(process.argv[2], { command: ["vm", "run", "Other"] });
    console.log("locked"); ${last}`;
  const child = spawn(process.execPath, ["-e", program, bundle, directory], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return {
    pid: child.pid!,
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

test("a VM that was never run, or is no more, is not running", () => {
  const directory = scratchDirectory();
  expect(readVmLock(directory)).toEqual({ running: false });
  expect(readVmLock(join(directory, "none"))).toEqual({ running: false });
  lockVm(directory, { command }).release();
  expect(readVmLock(directory)).toEqual({ running: false });
});

test("a lock says who runs the VM and since when", () => {
  const directory = scratchDirectory();
  const before = Date.now();
  const lock = lockVm(directory, { command });
  const state = readVmLock(directory);
  expect(state).toEqual({
    running: true,
    pid: process.pid,
    command,
    since: expect.any(String),
    user: userInfo().username,
  });
  expect(Date.parse("since" in state ? state.since! : "")).toBeGreaterThanOrEqual(before);
  lock.release();
});

test("a second run is refused, and told by whom", async () => {
  const directory = scratchDirectory();
  const { pid } = await holdElsewhere(directory);
  const message = expect.stringMatching(
    new RegExp(`is already running \\(pid ${pid}, since .*: vm run Other\\)$`),
  );
  expect(() => lockVm(directory, { command })).toThrow(
    expect.objectContaining({ code: "VM_RUNNING", message }),
  );
  expect(readVmLock(directory)).toMatchObject({ running: true, pid, command: ["vm", "run", "Other"] });
});

test("a run that was killed holds no lock, whatever its pid is used for now", async () => {
  const directory = scratchDirectory();
  const holder = await holdElsewhere(directory);
  await holder.kill();
  expect(readVmLock(directory)).toEqual({ running: false });
  const lock = lockVm(directory, { command });
  // The file names a process that lives: that alone is no lock.
  lock.release();
  expect(readVmLock(directory)).toEqual({ running: false });
});

test("the lock lasts as long as the program that it was handed down to", async () => {
  const directory = scratchDirectory();
  const holder = await holdElsewhere(
    directory,
    `const { pid } = require("node:child_process").spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", lock.fd] });
     require("node:fs").writeFileSync(process.argv[2] + "/qemu", String(pid)); process.stdin.resume()`,
  );
  const qemu = (): string => execFileSync("cat", [join(directory, "qemu")], { encoding: "utf8" });
  while (spawnSync("test", ["-s", join(directory, "qemu")]).status !== 0)
    await new Promise((done) => setTimeout(done, 10));
  await holder.kill();
  expect(readVmLock(directory)).toMatchObject({ running: true, pid: holder.pid });
  expect(() => lockVm(directory, { command })).toThrow("is already running");
  process.kill(Number(qemu()), "SIGKILL");
  while (readVmLock(directory).running) await new Promise((done) => setTimeout(done, 10));
  lockVm(directory, { command }).release();
});

test("of several runs at once one gets the lock", async () => {
  const directory = scratchDirectory();
  const program = `try { require(process.argv[1]).lockVm(process.argv[2], { command: [] }); console.log("locked"); process.stdin.resume(); }
    catch (error) { console.log(error.code); }`;
  const children = [1, 2, 3, 4].map(() =>
    spawn(process.execPath, ["-e", program, bundle, directory], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  onTestFinished(() => children.forEach((child) => child.kill("SIGKILL")));
  const answers = await Promise.all(
    children.map(async (child) => String((await once(child.stdout, "data"))[0]).trim()),
  );
  expect(answers.toSorted()).toEqual(["VM_RUNNING", "VM_RUNNING", "VM_RUNNING", "locked"]);
});

test("looking at the lock does not keep a run from starting", async () => {
  const directory = scratchDirectory();
  const glance = spawn("flock", ["-s", join(directory, ".lock"), "sh", "-c", "echo held; sleep 0.02"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(glance.stdout, "data");
  const lock = lockVm(directory, { command });
  expect(lock.fd).toBeGreaterThan(2);
  lock.release();
});

test.each(["", "null"])("a lock file of %j is a lock that does not say whose", (content) => {
  const directory = scratchDirectory();
  const lock = lockVm(directory, { command });
  writeFileSync(join(directory, ".lock"), content);
  expect(readVmLock(directory)).toEqual({ running: true });
  expect(() => lockVm(directory, { command })).toThrow(/is already running$/);
  lock.release();
});

test("a VM in a read-only directory cannot be locked, and the error says why", () => {
  const directory = scratchDirectory();
  execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", directory]);
  onTestFinished(() => {
    execFileSync("umount", [directory]);
  });
  expect(() => lockVm(directory, { command })).toThrow(
    expect.objectContaining({
      code: "VM_NOT_LOCKABLE",
      message: expect.stringContaining("its directory is not writable"),
    }),
  );
});

test("without the program flock the error names its package", () => {
  const { PATH } = process.env;
  onTestFinished(() => void (process.env["PATH"] = PATH));
  process.env["PATH"] = scratchDirectory();
  expect(() => lockVm(scratchDirectory(), { command })).toThrow(
    expect.objectContaining({ code: "FLOCK_NOT_FOUND", hint: expect.stringContaining("util-linux") }),
  );
});
