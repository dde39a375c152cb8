import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bisectExitCode, commandExitCode, type CommandControl } from "@vm/guest-run";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { execInGuest, type GuestCommand, type Ran } from "../guest/exec-guest.js";

const HELLO = fileURLToPath(new URL("../../modules/hello", import.meta.url));

let kernel: KernelFixture;
let work: string;
let hello: string;
let temporary: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  work = mkdtempSync(join(tmpdir(), "vm-exec-"));
  hello = join(work, "hello/hello.ko");
  cpSync(HELLO, join(work, "hello"), { recursive: true });
  execFileSync("make", ["-C", kernel.build, `M=${join(work, "hello")}`, "modules"], { stdio: "ignore" });
  temporary = join(work, "tmp");
  mkdirSync(temporary);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Processes that this one started and that live. */
function children(): readonly string[] {
  return readdirSync("/proc/self/task").flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, "utf8")
      .split(" ")
      .filter((pid) => pid !== ""),
  );
}

function sockets(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}

/** Runs a command; of the run nothing may be left: no process, no socket, no file. */
async function exec(command: string, options: GuestCommand = {}): Promise<Ran> {
  const [before, open] = [children(), sockets()];
  const ran = await execInGuest(command, { env: { ...process.env, TMPDIR: temporary }, ...options });
  expect(children()).toEqual(before);
  expect(sockets()).toBe(open);
  expect(readdirSync(temporary)).toEqual([]);
  return ran;
}

test.each([0, 1, 42, 125, 127, 128, 129, 137, 250, 255])("an exit with %d is that exit", async (status) => {
  const { result, stdout, stderr } = await exec(`echo out; echo err >&2; exit ${status}`);
  expect(result.outcome).toEqual({ kind: "exited", status });
  expect([stdout.toString(), stderr.toString()]).toEqual(["out\n", "err\n"]);
  expect(commandExitCode(result.outcome)).toBe(status);
  expect(result.release).toBe(kernel.release);
  const { firstConsoleByteMs, initMs, commandMs, statusMs, totalMs } = result.durations;
  const times = [firstConsoleByteMs, initMs, commandMs, statusMs, totalMs];
  expect(times.every((time) => time !== null)).toBe(true);
  expect(times.toSorted((a, b) => Number(a) - Number(b))).toEqual(times);
});

test.each([
  ["SIGKILL", 9],
  ["SIGSEGV", 11],
  ["SIGTERM", 15],
  ["SIGINT", 2],
] as const)("death by %s is told as that", async (name, signal) => {
  const { result } = await exec(`kill -${signal} $$; sleep 100`);
  expect(result.outcome).toEqual({ kind: "signalled", signal, name });
  expect(commandExitCode(result.outcome)).toBe(128 + signal);
});

test("a command that leaves a daemon, closes its output and kills init ends with its own status", async () => {
  const { result, stdout } = await exec(
    "echo before; (setsid sh -c 'trap : TERM HUP; sleep 1000; echo never' &); kill -9 1; exec >&- 2>&-; sleep 1; exit 7",
  );
  expect(result.outcome).toEqual({ kind: "exited", status: 7 });
  expect(stdout.toString()).toBe("before\n");
});

test("a guest that powers off has not answered", async () => {
  const { result } = await exec("echo o >/proc/sysrq-trigger; sleep 100");
  expect(result.outcome).toMatchObject({ kind: "lost", by: "guest" });
  expect([commandExitCode(result.outcome), bisectExitCode(result)]).toEqual([254, 1]);
});

test("a panic is told with its reason, at once", async () => {
  const { result, console } = await exec("echo c >/proc/sysrq-trigger; sleep 100");
  expect(result.outcome).toEqual({
    kind: "panicked",
    reason: "Kernel panic - not syncing: sysrq triggered crash",
  });
  expect(console).toContain("sysrq triggered crash");
  expect(result.consoleTail.join("\n")).toContain("Kernel panic");
  expect([commandExitCode(result.outcome), bisectExitCode(result)]).toEqual([250, 1]);
});

test("no oops is missed behind what a program leaves on the console, nor when the console was turned off", async () => {
  const words = String.raw`printf 'login: \033[' >/dev/console; insmod ${hello} mode=oops`;
  const untimed = await exec(`echo N >/sys/module/printk/parameters/time; ${words}; echo went on`);
  expect(untimed.result.outcome).toMatchObject({ kind: "oopsed", complaint: "oops", status: 0 });
  expect(untimed.stdout.toString()).toBe("went on\n");
  const long = `head -c 200000 /dev/zero | tr '\\0' x >/dev/console; ${words}; true`;
  const timed = await exec(long);
  expect(timed.result.outcome).toMatchObject({
    kind: "oopsed",
    reason: expect.stringMatching(/^BUG: kernel NULL pointer dereference, address: 0+8$/),
  });
  const silent = "for c in /sys/class/tty/*/console; do echo N >$c; done 2>/dev/null";
  const off = await exec(`${silent}; insmod ${hello} mode=oops; true`);
  expect(off.result.outcome).toMatchObject({
    kind: "oopsed",
    reason: expect.stringContaining("counted an oops"),
  });
});

test("a plain user makes no complaint of the kernel's by a name", async () => {
  // The longest that a process has, and a file's, both in the kernel's line about a segmentation fault.
  const crash = String.raw`cd /run/user/$(id -u) && cp /bin/sh "x
Kernel panic - not syncing: no" && for name in "
Oops: [#1]" "
kernel BUG at "; do "./x
Kernel panic - not syncing: no" -c 'printf %s "$1" >/proc/$$/comm; endless() { endless; }; endless' sh "$name"; done; true`;
  const { result } = await exec(crash, { user: { uid: 65_534, gid: 65_534, groups: [] } });
  expect(result.outcome).toEqual({ kind: "exited", status: 0 });
});

test("an oops is a failure, whatever the command says of it", async () => {
  const { result, stdout } = await exec(`insmod ${hello} mode=oops; echo went on`);
  expect(result.outcome).toMatchObject({ kind: "oopsed", complaint: "oops", status: 0 });
  expect(result.outcome).toHaveProperty(
    "reason",
    expect.stringMatching(/^BUG: kernel NULL pointer dereference/),
  );
  expect(stdout.toString()).toBe("went on\n");
  expect([commandExitCode(result.outcome), bisectExitCode(result)]).toEqual([251, 1]);
});

test("a warning is reported, and a failure when asked for", async () => {
  const command = `insmod ${hello} mode=warn`;
  const lenient = await exec(command);
  expect(lenient.result.outcome).toEqual({ kind: "exited", status: 0 });
  expect(lenient.result.complaints).toContainEqual({
    kind: "warn",
    line: expect.stringMatching(/^WARNING: .* at hello_init\+/),
  });
  const strict = await exec(command, { failOn: ["lockdep", "warn"] });
  expect(strict.result.outcome).toMatchObject({ kind: "oopsed", complaint: "warn", status: 0 });
});

test("a task that hangs in the kernel makes a hung guest", async () => {
  const { result } = await exec(`echo 1 >/proc/sys/kernel/hung_task_timeout_secs; insmod ${hello} mode=hang`);
  expect(result.outcome).toMatchObject({
    kind: "hung",
    reason: expect.stringMatching(/^INFO: task insmod:\d+ blocked for more than/),
  });
  expect([commandExitCode(result.outcome), bisectExitCode(result)]).toEqual([252, 1]);
});

test("a command that does not end in time is ended", async () => {
  // On a busy machine the boot alone may take as long: then it is given more time.
  for (let timeoutMs = 8000; ; timeoutMs *= 2) {
    const { outcome } = (await exec("sleep 1000", { timeoutMs })).result;
    expect(outcome).toMatchObject({ kind: "timed-out" });
    expect(commandExitCode(outcome)).toBe(253);
    if (outcome.kind === "timed-out" && outcome.phase === "command") break;
  }
});

test("a guest that does not begin the command in time is ended", async () => {
  const { result } = await exec("true", { bootTimeoutMs: 150 });
  expect(result.outcome).toMatchObject({ kind: "timed-out", phase: "boot" });
});

test("a QEMU that is killed from outside is no fault of the kernel", async () => {
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    let pid = 0;
    const { result } = await exec("echo ready; sleep 1000", {
      onStart: (control) => (pid = control.pid ?? 0),
      onOutput: () => process.kill(pid, signal),
    });
    expect(result.outcome).toMatchObject({ kind: "lost", by: "qemu" });
    expect([commandExitCode(result.outcome), bisectExitCode(result)]).toEqual([254, 128]);
  }
});

test("a signal reaches the command's process group; a stop ends the guest", async () => {
  let guest: CommandControl | undefined;
  const { result, stdout } = await exec(
    "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done",
    {
      onStart: (control) => (guest = control),
      onOutput: (chunk) => chunk.includes("ready") && guest?.signal("INT"),
    },
  );
  expect(result.outcome).toEqual({ kind: "exited", status: 9 });
  expect(stdout.toString()).toBe("ready\ncaught\n");

  const stopped = await exec("echo ready; trap '' INT; sleep 1000", {
    onStart: (control) => (guest = control),
    onOutput: () => guest?.stop(2),
  });
  expect(stopped.result.outcome).toEqual({ kind: "stopped", signal: 2 });
  expect(commandExitCode(stopped.result.outcome)).toBe(130);
});

test("a kernel without the guest's drivers is told before it is booted, a file that is no kernel after", async () => {
  const image = join(kernel.build, "arch/x86/boot/bzImage");
  const poor = await exec("true", {
    guest: { kernel: { image, arch: "x86_64", configFile: join(work, "hello/Makefile") } },
  });
  expect(poor.result.outcome).toMatchObject({
    kind: "not-started",
    cause: "configuration",
    reason: expect.stringContaining("CONFIG_9P_FS=y"),
  });
  expect(poor.result.argv).toEqual([]);
  const none = await exec("true", { guest: { kernel: { image: hello, arch: "x86_64" } } });
  expect(none.result.outcome).toMatchObject({ kind: "not-started", cause: "image" });
});
