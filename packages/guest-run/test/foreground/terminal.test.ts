import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  bundleDriver,
  isNonBlocking,
  isRunning,
  monitorAnswers,
  startSession,
  until,
  type Session,
} from "./session.js";

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
function onTerminal(options: string, env: NodeJS.ProcessEnv = {}): Session {
  session = startSession({
    streams: "terminal",
    env,
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

/** Waits for the end of the session, which must leave the terminal as it was. Returns vm's exit status. */
async function statusAndSaneTerminal(vm: Session): Promise<number> {
  await vm.file("done");
  expect(await vm.file("after")).toBe(await vm.file("before"));
  expect(await vm.file("flags")).not.toMatch(/0?4...$/m);
  return Number(await vm.file("status"));
}

const pid = async (vm: Session, name: "vm" | "qemu"): Promise<number> => Number(await vm.file(`${name}.pid`));

/** Whether we see what QEMU writes, or it writes to the terminal itself. */
const outputs = [["seen"], ["own"]] as const;

test.each(outputs)(
  "A quit on the monitor gives QEMU's status and leaves the terminal as it was: output %s",
  async (output) => {
    const vm = onTerminal(MONITOR, { DRIVER_OUTPUT: output });
    await monitorAnswers(vm);
    vm.type("quit\r");
    expect(await statusAndSaneTerminal(vm)).toBe(0);
    expect(JSON.parse(await vm.file("end"))).toEqual({
      code: 0,
      signal: null,
      stoppedBy: null,
      lostOutput: null,
    });
  },
);

test("Ctrl-A x ends a serial console, and Ctrl-C before it goes to the guest", async () => {
  const vm = onTerminal(`${MACHINE} -machine q35,graphics=off -serial mon:stdio`);
  await vm.shows("SeaBIOS");
  vm.type("\u0003");
  vm.type("\u0001x");
  expect(await statusAndSaneTerminal(vm)).toBe(0);
  expect(JSON.parse(await vm.file("end"))).toEqual({
    code: 0,
    signal: null,
    stoppedBy: null,
    lostOutput: null,
  });
});

test.each(outputs)(
  "While QEMU runs, our own descriptors of the terminal stay blocking: output %s",
  async (output) => {
    const vm = onTerminal(MONITOR, { DRIVER_OUTPUT: output });
    await monitorAnswers(vm);
    const [ours, theirs] = [await pid(vm, "vm"), await pid(vm, "qemu")];
    expect(isNonBlocking(theirs, 0)).toBe(true);
    expect([0, 1, 2].map((descriptor) => isNonBlocking(ours, descriptor))).toEqual([false, false, false]);
    vm.type("quit\r");
    expect(await statusAndSaneTerminal(vm)).toBe(0);
  },
);

test("QEMU killed with SIGKILL is reported, and the modes that it left are mended", async () => {
  const vm = onTerminal(MONITOR);
  await monitorAnswers(vm);
  process.kill(await pid(vm, "qemu"), "SIGKILL");
  expect(await statusAndSaneTerminal(vm)).toBe(137);
  expect(JSON.parse(await vm.file("end"))).toEqual({
    code: null,
    signal: "SIGKILL",
    stoppedBy: null,
    lostOutput: null,
  });
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGHUP", 129],
  ["SIGQUIT", 131],
] as const)("%s to vm makes QEMU quit", async (signal, status) => {
  const vm = onTerminal(MONITOR);
  await monitorAnswers(vm);
  process.kill(await pid(vm, "vm"), signal);
  expect(await statusAndSaneTerminal(vm)).toBe(status);
  expect(JSON.parse(await vm.file("end"))).toMatchObject({ stoppedBy: signal });
  expect(isRunning(await pid(vm, "qemu"))).toBe(false);
});

test("An uncaught error in vm takes QEMU down and leaves the terminal as it was", async () => {
  const vm = onTerminal(MONITOR);
  await monitorAnswers(vm);
  process.kill(await pid(vm, "vm"), "SIGUSR2");
  expect(await statusAndSaneTerminal(vm)).toBe(1);
});

test("vm killed with SIGKILL leaves no QEMU, and QEMU gives the terminal back", async () => {
  const vm = onTerminal(MONITOR);
  await monitorAnswers(vm);
  const qemu = await pid(vm, "qemu");
  process.kill(await pid(vm, "vm"), "SIGKILL");
  await until(
    () => !isRunning(qemu),
    () => "the end of QEMU",
  );
  expect(await statusAndSaneTerminal(vm)).toBe(137);
});

test("Ctrl-C reaches vm and QEMU together where the terminal still makes signals", async () => {
  const vm = onTerminal(MONITOR);
  await monitorAnswers(vm);
  vm.type("\u0007"); // The session's own interrupt character.
  expect(await statusAndSaneTerminal(vm)).toBe(130);
});
