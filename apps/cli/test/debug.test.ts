import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bin, makeBuildTree, sandbox, type Sandbox } from "./vm.js";

async function withVm(name = "Test VM"): Promise<Sandbox> {
  const box = sandbox();
  expect(await box.vm("create", name, "-s", "1M")).toMatchObject({ code: 0 });
  makeBuildTree(join(box.cwd, "linux"));
  return box;
}

test("--gdb prints gdb's command, ready to be pasted, and the script has the stub and nokaslr", async () => {
  const box = await withVm();
  writeFileSync(join(box.cwd, "linux/vmlinux-gdb.py"), "");
  const { code, stdout, stderr } = await box.vm("run", "Test VM", "-k", "linux", "--gdb", "-n");
  expect(code).toBe(0);
  expect(stderr).toContain("CONFIG_DEBUG_INFO is not set");
  expect(stderr).toContain("`vm kconfig merge gdb`");
  expect(stderr).toContain(
    `vm: In another terminal (or: vm gdb 'Test VM'):\n  gdb -q -iex 'add-auto-load-safe-path ${box.cwd}/linux' '${box.cwd}/linux/vmlinux' -ex 'target remote ${box.home}/Test VM/.gdb.sock'\n`,
  );
  expect(stdout).toContain("-append 'nokaslr root=/dev/vda1 rw");
  expect(stdout).toContain("-gdb chardev:vm-gdb");
  expect(stdout).not.toMatch(/ -S\b/);
  const waiting = await box.vm("run", "Test VM", "-k", "linux", "--gdb=1234", "--gdb-wait", "-n");
  expect(waiting.stdout).toMatch(/-gdb tcp:127\.0\.0\.1:1234 \\\n\s+-S \\\n/);
  expect(waiting.stderr).toContain("The guest waits for gdb's continue.");
});

test.each([
  [["--gdb", "Test VM"], "--gdb took 'Test VM' for its place: write a name in front of it."],
  [["Test VM", "--gdb=0"], "--gdb: expected a port, or a path with a slash, got '0'"],
  [["Test VM", "--gdb=70000"], "--gdb: expected a port"],
  [["Test VM", "--gdb", "./a:b"], "has a character that gdb does not take"],
  [["Test VM", "--gdb", `./${"x".repeat(107)}`], "is longer than the 107 bytes"],
  [["Test VM", "-k", "linux", "--trace", "a b"], "--trace: 'a b' is no name of an event"],
  [["Test VM", "-k", "linux", "--trace", "sched:"], "--trace: 'sched:' is no name of an event"],
  [["Test VM", "--trace", "sched:*"], "--trace needs -k"],
])("%j is wrong usage", async (args, message) => {
  const box = await withVm();
  const { code, stdout, stderr } = await box.vm("run", ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
});

test("--trace and --dump ask the kernel for it, and name what it lacks with the fragment that has it", async () => {
  const box = await withVm();
  writeFileSync(join(box.cwd, "linux/System.map"), "ffffffff81000000 d __event_sched_switch\n");
  const args = ["-k", "linux", "--trace", "sched:sched_switch,irq:*,nosuch", "--dump", "core"];
  const { code, stdout, stderr } = await box.vm("run", "Test VM", ...args, "-n");
  expect(code).toBe(0);
  expect(stderr).toContain("CONFIG_EVENT_TRACING is not set");
  expect(stderr).toContain("`vm kconfig merge trace`");
  expect(stderr).toContain("CONFIG_FW_CFG_SYSFS is not set");
  expect(stderr).toMatch(/has no event nosuch built in/);
  expect(stderr).not.toMatch(/has no event (?:sched|irq)/);
  expect(stdout).toContain(
    "-append 'panic=-1 reboot=panic_warm trace_event=sched:sched_switch,irq:*,nosuch tp_printk root=/dev/vda1",
  );
  // The VM has the device for the note already.
  expect(stdout.match(/vmcoreinfo/g)).toHaveLength(1);
  expect(stdout).toContain("-device pvpanic-pci");
  expect(existsSync(join(box.cwd, "core"))).toBe(false);
  const own = await box.vm("run", "Test VM", ...args, "-n", "--", "-append", "quiet");
  expect(own.stderr).toContain("an -append of your own is the whole kernel command line");
});

test("a dump that could not be written is known before the boot", async () => {
  const box = await withVm();
  const { code, stderr } = await box.vm("run", "Test VM", "-k", "linux", "--dump", "no/where");
  expect(code).toBe(1);
  expect(stderr).toContain(`there is no directory ${box.cwd}/no\n`);
  expect(readdirSync(join(box.home, "Test VM"))).not.toContain(".lock");
});

test("vm gdb and vm dump say that a VM does not run, or is not there", async () => {
  const box = await withVm();
  for (const args of [
    ["gdb", "Test VM"],
    ["dump", "Test VM", "core"],
  ]) {
    const { code, stdout, stderr } = await box.vm(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("vm: Test VM is not running\nvm:   Start it so that it can be looked at: ");
  }
  expect((await box.vm("gdb", "None")).stderr).toContain('there is no VM named "None"');
  expect((await box.vm("dump", "Test VM", "core", "-n")).stdout).toContain(
    `dump 'Test VM' '${box.cwd}/core'`,
  );
});

test("vm gdb -n prints gdb's command line, with --vmlinux in the place of the run's kernel", async () => {
  const box = await withVm();
  const programs = join(box.root, "bin");
  mkdirSync(programs);
  const qemu = "#!/bin/sh\nexec sleep 60\n";
  for (const [name, text] of [
    ["qemu-system-x86_64", qemu],
    ["gdb", "#!/bin/sh\n"],
  ] as const) {
    writeFileSync(join(programs, name), text, { mode: 0o755 });
  }
  writeFileSync(join(box.cwd, "symbols"), "");
  const env = {
    PATH: `${programs}:${process.env["PATH"]}`,
    HOME: box.root,
    VM_HOME: box.home,
    VM_ACCEL: "tcg",
  };
  const words = [bin, "run", "Test VM", "-k", "linux", "--gdb"];
  const run = spawn(process.execPath, words, { cwd: box.cwd, env, stdio: "ignore" });
  try {
    const lookAt = (...more: string[]): ReturnType<typeof box.vm> =>
      box.vmWith({ PATH: env.PATH }, "gdb", "Test VM", "-n", ...more);
    await expect.poll(async () => (await lookAt()).stdout, { timeout: 30_000 }).toContain("/linux/vmlinux");
    const other = await lookAt("--vmlinux", "symbols");
    expect(other).toMatchObject({ code: 0, stdout: expect.stringContaining(`${box.cwd}/symbols`) });
    expect(other.stdout).not.toContain("/linux/vmlinux");
    const none = await lookAt("--vmlinux", "nothing");
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`there is no ${box.cwd}/nothing`),
    });
  } finally {
    run.kill("SIGTERM");
    await once(run, "exit");
  }
});
