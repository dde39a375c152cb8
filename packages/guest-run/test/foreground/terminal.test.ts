import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bundleDriver, isNonBlocking, isRunning, startSession, until, type Session } from "./session.js";

const MACHINE = "-nodefaults -no-user-config -display none -accel tcg -m 32M";
/** Under the stopped machine QEMU's monitor shows a prompt as soon as it reads the terminal. */
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

/** Unusual modes, so that 'sane' ones are told from restored ones; what is left behind is looked at without QEMU. */
function onTerminal(options: string): Session {
  session = startSession({
    streams: "terminal",
    script: `trap : INT; stty -ixon erase '^H' intr '^G'; stty -g > $OUT/before
${process.execPath} ${driver} ${options}; echo $? > $OUT/status
while read -r stat < /proc/$(cat $OUT/qemu.pid)/stat; do
  case $stat in *') Z '*) break ;; esac
  sleep 0.1
done 2> /dev/null
stty -g > $OUT/after; grep flags /proc/self/fdinfo/0 /proc/self/fdinfo/1 > $OUT/flags; echo > $OUT/done
`,
  });
  return session;
}

async function expectSaneTerminal({ file }: Session, status: number): Promise<void> {
  await file("done");
  expect(await file("after")).toBe(await file("before"));
  expect(await file("flags")).not.toMatch(/0?4...$/m);
  expect((await file("status")).trim()).toBe(String(status));
}

const pid = async (vm: Session, name: "vm" | "qemu"): Promise<number> => Number(await vm.file(`${name}.pid`));

test("A quit on the monitor gives QEMU's status and leaves the terminal as it was", async () => {
  const vm = onTerminal(MONITOR);
  await vm.shows("(qemu)");
  vm.type("quit\r");
  await expectSaneTerminal(vm, 0);
  expect(JSON.parse(await vm.file("end"))).toEqual({ code: 0, signal: null, stoppedBy: null });
});

test("Ctrl-A x ends a serial console, and Ctrl-C before it goes to the guest", async () => {
  const vm = onTerminal(`${MACHINE} -machine q35,graphics=off -serial mon:stdio`);
  await vm.shows("SeaBIOS");
  vm.type("\u0003");
  vm.type("\u0001x");
  await expectSaneTerminal(vm, 0);
  expect(JSON.parse(await vm.file("end"))).toEqual({ code: 0, signal: null, stoppedBy: null });
});

test("While QEMU runs, our own descriptors of the terminal stay blocking", async () => {
  const vm = onTerminal(MONITOR);
  await vm.shows("(qemu)");
  const [ours, theirs] = [await pid(vm, "vm"), await pid(vm, "qemu")];
  expect(isNonBlocking(theirs, 0)).toBe(true);
  expect([0, 1, 2].map((descriptor) => isNonBlocking(ours, descriptor))).toEqual([false, false, false]);
  vm.type("quit\r");
  await expectSaneTerminal(vm, 0);
});

test("QEMU killed with SIGKILL is reported, and the modes that it left are mended", async () => {
  const vm = onTerminal(MONITOR);
  await vm.shows("(qemu)");
  process.kill(await pid(vm, "qemu"), "SIGKILL");
  await expectSaneTerminal(vm, 137);
  expect(JSON.parse(await vm.file("end"))).toEqual({ code: null, signal: "SIGKILL", stoppedBy: null });
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGHUP", 129],
  ["SIGQUIT", 131],
] as const)("%s to vm makes QEMU quit", async (signal, status) => {
  const vm = onTerminal(MONITOR);
  await vm.shows("(qemu)");
  process.kill(await pid(vm, "vm"), signal);
  await expectSaneTerminal(vm, status);
  expect(JSON.parse(await vm.file("end"))).toMatchObject({ stoppedBy: signal });
  expect(isRunning(await pid(vm, "qemu"))).toBe(false);
});

test("An uncaught error in vm takes QEMU down and leaves the terminal as it was", async () => {
  const vm = onTerminal(MONITOR);
  await vm.shows("(qemu)");
  process.kill(await pid(vm, "vm"), "SIGUSR2");
  await expectSaneTerminal(vm, 1);
});

test("vm killed with SIGKILL leaves no QEMU, and QEMU gives the terminal back", async () => {
  const vm = onTerminal(MONITOR);
  await vm.shows("(qemu)");
  // QEMU makes the terminal raw a moment before it handles signals; an answer shows that it does.
  vm.type("info name\rinfo status\r");
  await vm.shows("VM status");
  const qemu = await pid(vm, "qemu");
  process.kill(await pid(vm, "vm"), "SIGKILL");
  await until(
    () => !isRunning(qemu),
    () => "the end of QEMU",
  );
  await expectSaneTerminal(vm, 137);
});

test("Ctrl-C reaches vm and QEMU together where the terminal still makes signals", async () => {
  const vm = onTerminal(MONITOR);
  await vm.shows("(qemu)");
  vm.type("\u0007"); // The session's own interrupt character.
  await expectSaneTerminal(vm, 130);
});
