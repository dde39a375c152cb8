import { mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  bundleDriver,
  isNonBlocking,
  isRunning,
  monitorAnswers,
  startSession,
  type Session,
} from "./session.js";

const MACHINE = "-nodefaults -no-user-config -display none -accel tcg -m 32M";
const MONITOR = `${MACHINE} -S -monitor stdio`;

let directory: string;
let driver: string;
let session: Session | undefined;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "vm-driver-"));
  driver = await bundleDriver(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => session?.remove());

function run(script: string, env: NodeJS.ProcessEnv = {}): Session {
  const vm = `${process.execPath} ${driver}`;
  session = startSession({ streams: "sockets", script: script.replaceAll("VM", vm), env });
  return session;
}

const pid = async (vm: Session, name: "vm" | "qemu"): Promise<number> => Number(await vm.file(`${name}.pid`));

test("QEMU's exit status is given back", async () => {
  const vm = run("VM -no-such-option < /dev/null");
  expect(await vm.ended).toBe(1);
  expect(vm.screen()).toContain("-no-such-option: invalid option");
});

test.each([["seen"], ["own"]])(
  "Pipes that others share stay blocking while QEMU runs: output %s",
  async (output) => {
    const vm = run(`cat | VM ${MONITOR} | cat`, { DRIVER_OUTPUT: output });
    await monitorAnswers(vm);
    const ours = await pid(vm, "vm");
    expect([0, 1].map((descriptor) => isNonBlocking(ours, descriptor))).toEqual([false, false]);
    vm.type("quit\n");
    await vm.file("end");
  },
);

test("A socket, which cannot be opened anew, is blocking again in the end", async () => {
  const vm = run(
    `VM ${MONITOR}; grep flags /proc/self/fdinfo/0 /proc/self/fdinfo/1 > $OUT/flags; echo > $OUT/done`,
  );
  await monitorAnswers(vm);
  process.kill(await pid(vm, "qemu"), "SIGKILL");
  await vm.file("done");
  expect(await vm.file("flags")).not.toMatch(/4...$/m);
});

test("What is appended to a file stays behind what the shell wrote before", async () => {
  const vm = run(
    `{ echo first; VM ${MONITOR}; echo last; } < $OUT/input > $OUT/log; echo > $OUT/done`.replace(
      "{",
      "echo quit > $OUT/input; {",
    ),
  );
  await vm.file("done");
  expect(await vm.file("log")).toMatch(/^first\n[^]*\(qemu\)[^]*last\n$/);
});

test.each([
  ["/dev/null", `VM ${MACHINE} -S -serial mon:stdio < /dev/null > /dev/null 2>&1 &`],
  ["closed streams", `VM ${MACHINE} -S -serial mon:stdio <&- >&- 2>&- &`],
  ["no terminal at all", `setsid VM ${MACHINE} -S -serial mon:stdio < /dev/null > /dev/null 2>&1 &`],
])("With %s QEMU runs, and ends when vm is asked to", async (_, script) => {
  const vm = run(`${script} wait`);
  const qemu = await pid(vm, "qemu");
  expect(isRunning(qemu)).toBe(true);
  process.kill(await pid(vm, "vm"), "SIGTERM");
  expect(JSON.parse(await vm.file("end"))).toMatchObject({ stoppedBy: "SIGTERM" });
  expect(isRunning(qemu)).toBe(false);
});

test("A reader of the output that goes away does not end the guest, nor keep it from being stopped", async () => {
  const vm = run(`VM ${MACHINE} -machine q35,graphics=off -serial stdio < /dev/null | head -c 1; wait`);
  const [ours, qemu] = [await pid(vm, "vm"), await pid(vm, "qemu")];
  process.kill(ours, "SIGTERM");
  await vm.file("end");
  expect(isRunning(qemu)).toBe(false);
});

test("What QEMU writes is seen, and all of it goes to a reader that takes its time", async () => {
  // More than the two pipes hold: a help text again and again. QEMU forgets at its end what nobody has taken yet: it ends later.
  const words = Array.from({ length: 400 }, () => "help info").join("\\n");
  const vm = run(
    `{ printf '${words}\\n'; until [ "$(cat $OUT/seen 2>/dev/null | wc -c)" -gt 1000000 ]; do sleep 0.1; done; echo quit; } | VM ${MONITOR} | { until [ -e $OUT/seen ]; do sleep 0.1; done; cat > $OUT/read; }; echo > $OUT/done`,
  );
  await vm.file("done");
  const seen = await vm.file("seen");
  expect(seen.length).toBeGreaterThan(1_000_000);
  expect(await vm.file("read")).toBe(seen);
});

test("A reader that takes nothing does not keep vm from being stopped", async () => {
  const vm = run(`VM ${MONITOR} | { until [ -e $OUT/end ]; do sleep 0.1; done; }`);
  vm.type("help info\n".repeat(100));
  await vm.file("seen");
  const [ours, qemu] = [await pid(vm, "vm"), await pid(vm, "qemu")];
  process.kill(ours, "SIGTERM");
  expect(JSON.parse(await vm.file("end"))).toMatchObject({ stoppedBy: "SIGTERM" });
  expect(isRunning(qemu)).toBe(false);
});

test("What a full disk did not take is told, and QEMU goes on", async () => {
  const vm = run(`cat | VM ${MONITOR} > /dev/full`);
  await vm.file("seen");
  expect(isRunning(await pid(vm, "qemu"))).toBe(true);
  vm.type("quit\n");
  expect(JSON.parse(await vm.file("end"))).toMatchObject({
    code: 0,
    stoppedBy: null,
    lostOutput: { code: "ENOSPC" },
  });
});

test("A QEMU that does not quit in time is killed", async () => {
  const vm = run(`VM ${MONITOR}`, { DRIVER_STOP_TIMEOUT_MS: "100" });
  await monitorAnswers(vm);
  process.kill(await pid(vm, "qemu"), "SIGSTOP");
  process.kill(await pid(vm, "vm"), "SIGTERM");
  expect(JSON.parse(await vm.file("end"))).toEqual({
    code: null,
    signal: "SIGKILL",
    stoppedBy: "SIGTERM",
    lostOutput: null,
  });
});

test("A second signal kills a QEMU that does not quit", async () => {
  const vm = run(`VM ${MONITOR}`, { DRIVER_STOP_TIMEOUT_MS: "3600000" });
  await monitorAnswers(vm);
  process.kill(await pid(vm, "qemu"), "SIGSTOP");
  const ours = await pid(vm, "vm");
  process.kill(ours, "SIGINT");
  process.kill(ours, "SIGHUP");
  expect(JSON.parse(await vm.file("end"))).toMatchObject({ code: null, signal: "SIGKILL" });
});

test("QEMU holds the lock's descriptor, and nothing else of ours", async () => {
  const lock = join(directory, "lock");
  writeFileSync(lock, "");
  const vm = run(`VM ${MONITOR}`, { DRIVER_LOCK: lock });
  await monitorAnswers(vm);
  const qemu = await pid(vm, "qemu");
  expect(readlinkSync(`/proc/${qemu}/fd/3`)).toBe(lock);
  vm.type("quit\n");
  await vm.file("end");
});

test("QEMU is stopped when it cannot be announced", async () => {
  const vm = run(`VM ${MONITOR}`, { DRIVER_ON_START: "throw" });
  expect(await vm.file("error")).toBe("none: the lock could not be written");
  expect(isRunning(await pid(vm, "qemu"))).toBe(false);
});

test.each([
  ["a missing directory", { DRIVER_CWD: "/no/such/directory" }],
  ["a missing program", { DRIVER_PROGRAM: "/no/such/qemu" }],
  ["a program that cannot be executed", { DRIVER_PROGRAM: "/etc/passwd" }],
])("With %s the error says that QEMU could not be started", async (_, env) => {
  const vm = run(`VM -S`, env);
  expect(await vm.file("error")).toMatch(/^QEMU_NOT_STARTED: .* could not be started in /);
});

test.each([["no setpriv"], ["busybox's setpriv"]])("With %s QEMU runs all the same", async (which) => {
  const bin = mkdtempSync(join(directory, "bin-"));
  for (const name of ["cat", "grep", "mkfifo", "qemu-system-x86_64"])
    symlinkSync(`/usr/bin/${name}`, join(bin, name));
  if (which !== "no setpriv") symlinkSync("/bin/busybox", join(bin, "setpriv"));
  const vm = run(`VM ${MONITOR}`, { PATH: bin });
  await monitorAnswers(vm);
  vm.type("quit\n");
  expect(JSON.parse(await vm.file("end"))).toEqual({
    code: 0,
    signal: null,
    stoppedBy: null,
    lostOutput: null,
  });
});
