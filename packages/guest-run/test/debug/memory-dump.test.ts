import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderArgv } from "@vm/qemu-argv";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { dumpMemory, dumpNoteDevice, findQemu, panicDevice, qmpSession, type Qmp } from "../../src/index.js";
import { waitForSocket } from "../../src/qmp/socket.js";

let directory: string;
let qmp: Qmp;
let kill: () => void;

/** A QEMU with 8 MB and nothing that runs. `wrapped`: a program and its arguments in front of it. */
async function startQemu(wrapped: readonly string[] = []): Promise<void> {
  const own = mkdtempSync(join(tmpdir(), "vm-dump-"));
  directory = own;
  const socket = join(own, "qmp");
  const options = ["-S", "-nodefaults", "-display", "none", "-m", "8M", "-accel", "tcg"];
  const argv = [
    ...wrapped,
    findQemu({ arch: "x86_64" }),
    ...options,
    "-qmp",
    `unix:${socket},server=on,wait=off`,
  ];
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: "ignore" });
  kill = () => void child.kill("SIGKILL");
  // A test may start a second one.
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(own, { recursive: true, force: true });
  });
  const stream = await waitForSocket(socket, AbortSignal.timeout(60_000));
  if (stream === null) throw new Error("QEMU did not listen");
  onTestFinished(() => void stream.destroy());
  qmp = qmpSession(stream);
}

/** What is left in the place of the dumps. */
const dumps = (): string[] => readdirSync(join(directory, "dumps"));

beforeEach(async () => {
  await startQemu();
  mkdirSync(join(directory, "dumps"));
});

test("is an ELF core as large as the memory; one called .kdump is compressed", async () => {
  const [core, kdump] = [join(directory, "dumps/it's, a core"), join(directory, "dumps/x.kdump")];
  writeFileSync(core, "of before");
  await dumpMemory(qmp, core);
  await dumpMemory(qmp, kdump);
  expect(readFileSync(core).subarray(0, 4).toString("latin1")).toBe("\u007fELF");
  expect(statSync(core).size).toBeGreaterThan(8 << 20);
  expect(statSync(core).mode & 0o777).toBe(0o600);
  expect(statSync(kdump).size).toBeLessThan(1 << 20);
  expect(dumps()).toEqual(["it's, a core", "x.kdump"]);
});

test("is refused where it cannot be written, and leaves what was there", async () => {
  mkdirSync(join(directory, "dumps/taken"));
  await expect(dumpMemory(qmp, join(directory, "none/core"))).rejects.toMatchObject({
    code: "DUMP_FAILED",
    message: expect.stringContaining(`there is no directory ${directory}/none`),
  });
  await expect(dumpMemory(qmp, join(directory, "dumps/taken"))).rejects.toMatchObject({
    code: "DUMP_FAILED",
  });
  expect(dumps()).toEqual(["taken"]);
});

test("that does not fit leaves nothing behind, nor does a QEMU that dies", async () => {
  // 4 MB a file: what a full disk is, without one. SIGXFSZ is ignored, so that the write fails.
  await startQemu(["sh", "-c", 'trap "" XFSZ; ulimit -f 8192; exec "$@"', "sh"]);
  mkdirSync(join(directory, "dumps"));
  await expect(dumpMemory(qmp, join(directory, "dumps/core"))).rejects.toMatchObject({
    code: "DUMP_FAILED",
    message: expect.stringMatching(/could not be written to .*dumps\/core: QEMU refused dump-guest-memory: /),
  });
  expect(dumps()).toEqual([]);
  const dump = dumpMemory(qmp, join(directory, "dumps/core"));
  kill();
  await expect(dump).rejects.toMatchObject({ code: "DUMP_FAILED" });
  expect(dumps()).toEqual([]);
});

test("QEMU's own words are told of a command that it refuses", async () => {
  await expect(qmp.execute("device_del", { id: "none" })).rejects.toMatchObject({
    code: "QMP_REFUSED",
    message: "QEMU refused device_del: Device 'none' not found",
  });
  await expect(qmp.execute("no-such")).rejects.toMatchObject({ code: "QMP_UNKNOWN" });
  expect(await qmp.execute("query-status")).toMatchObject({ status: "prelaunch" });
});

test("the devices for it are added where they can be, and only once", () => {
  const theirs = [{ flag: "device", head: "vmcoreinfo", props: [] }] as const;
  expect(renderArgv([...dumpNoteDevice("x86_64", []), ...panicDevice("x86_64", theirs)])).toEqual([
    "-device",
    "vmcoreinfo",
    "-device",
    "pvpanic-pci",
  ]);
  expect(dumpNoteDevice("x86_64", theirs)).toEqual([]);
  expect(dumpNoteDevice("s390x", [])).toEqual([]);
});
