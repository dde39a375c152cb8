import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { dumpNote } from "../guest/dump-note.js";
import { createVmHome, type VmHome } from "../guest/vm-home.js";

let kernel: KernelFixture;
let home: VmHome;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
});

afterAll(() => home.remove());

test("a command's guest that panics leaves its memory, with the note that names its release", async () => {
  const file = join(home.directory, "core, one's own");
  const command = "echo c >/proc/sysrq-trigger; sleep 60";
  const options = ["-k", kernel.build, "-m", "192M", "--timeout", "300"];
  const { status, stderr } = await home.run("run", ...options, "--dump", file, "--exec", command);
  expect(stderr).toContain("vm: the kernel panicked: Kernel panic - not syncing: sysrq triggered crash");
  expect(stderr).toContain(`vm: the guest's memory is in ${file}`);
  expect(status).toBe(250);
  expect(dumpNote(file)).toContain(`OSRELEASE=${kernel.release}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(file);
  // Nothing half-written beside it.
  expect(readdirSync(home.directory).filter((name) => name.includes("core"))).toEqual([]);
});

test("gdb stops a VM's kernel in panic and reads its symbols; then its memory is dumped, and again on request", async () => {
  const [atPanic, onRequest] = [join(home.directory, "panic"), join(home.directory, "request.kdump")];
  expect(await home.run("create", "My VM", "-m", "192M", "-s", "1M")).toMatchObject({ status: 0 });
  expect(await home.run("gdb", "My VM")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("vm: My VM is not running\n"),
  });
  const [program, ...args] = home.vm("run", "My VM", "-k", kernel.build, "--gdb-wait", "--dump", atPanic);
  const run = spawn(program, args, {
    env: { ...process.env, ...home.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let screen = "";
  for (const stream of [run.stdout, run.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (screen += chunk));
  }
  const ended = once(run, "close");
  try {
    await until(
      () => /vm gdb 'My VM'\):\n {2}gdb -q \S+\/vmlinux -ex 'target remote /.test(screen),
      () => screen,
    );
    await until(
      () => readdirSync(join(home.env["VM_HOME"] ?? "", "My VM")).includes(".gdb.sock"),
      () => screen,
    );
    // It waits for gdb, so that even its first instructions can be seen. Of a blank disk no root is mounted.
    const gdb = [
      "-batch",
      "-ex",
      "hbreak panic",
      "-ex",
      "continue",
      "-ex",
      "x/s &linux_banner",
      "-ex",
      "x/s $rdi",
    ];
    const session = await home.run("gdb", "My VM", "--", ...gdb);
    expect(session.stdout).toContain(`"Linux version ${kernel.release} `);
    expect(session.stdout).toContain('"VFS: Unable to mount root fs on %s"');
    await until(
      () => screen.includes(`vm: the guest's memory is in ${atPanic}`),
      () => screen,
    );
    expect(screen).toContain("Kernel panic - not syncing: VFS: Unable to mount root fs");
    expect(dumpNote(atPanic)).toContain(`OSRELEASE=${kernel.release}\n`);
    expect(await home.run("dump", "My VM", onRequest)).toMatchObject({ status: 0, stdout: "" });
    expect(readFileSync(onRequest).subarray(0, 12).toString("latin1")).toBe("makedumpfile");
    expect(await home.run("dump", "My VM", "/no/where")).toMatchObject({ status: 1 });
  } finally {
    run.kill("SIGTERM");
  }
  await ended;
  expect(run.exitCode).toBe(128 + 15);
  expect(
    readdirSync(join(home.env["VM_HOME"] ?? "", "My VM")).filter((name) => name.endsWith(".sock")),
  ).toEqual([]);
});

/** Waits for something that another process does; the runner's own time limit ends a wait in vain. */
async function until(happened: () => boolean, screen: () => string): Promise<void> {
  const deadline = Date.now() + 300_000;
  while (!happened()) {
    if (Date.now() > deadline) throw new Error(`it never happened; the screen:\n${screen().slice(-2000)}`);
    await sleep(100);
  }
}
