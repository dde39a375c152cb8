import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { noProcessNames, processesNaming, type FoundProcess } from "../guest/processes.js";
import { openTerminal, shellWords, type Terminal } from "../guest/terminal.js";
import { createVmHome, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

/*
 * Guests in the background. Most of it needs a QEMU and no guest that does anything: a machine with a blank disk stands in its firmware,
 * with QEMU's monitor on its console, and hears no button.
 */

let home: VmHome;
let other: VmHome;
let kernel: KernelFixture;
/** One runtime directory for both homes, as for a person who has two. */
const runtime = mkdtempSync(join(tmpdir(), "vm-run-"));

beforeAll(async () => {
  kernel = await kernelFixture();
  [home, other] = [createVmHome(), createVmHome()];
  for (const place of [home, other]) {
    const { status, stderr } = await vmIn(place, "create", "Blank", "-s", "1M", "-m", "32M");
    if (status !== 0) throw new Error(`vm create failed (${status}): ${stderr}`);
  }
});

afterAll(async () => {
  for (const place of [home, other]) {
    await vmIn(place, "stop", "--all", "--force");
    await noProcessNames(place.directory);
    place.remove();
  }
  rmSync(runtime, { recursive: true, force: true });
});

function envOf(place: VmHome): Record<string, string> {
  return { ...place.env, XDG_RUNTIME_DIR: runtime, VM_ACCEL: "tcg" };
}

function vmIn(place: VmHome, ...words: readonly string[]): Promise<Outcome> {
  return runProgram(place.vm(...words), { env: envOf(place), cwd: place.directory });
}

function vm(...words: readonly string[]): Promise<Outcome> {
  return vmIn(home, ...words);
}

/** @returns its standard output */
async function done(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await vm(...words);
  expect([words, status, stderr]).toEqual([words, 0, expect.any(String)]);
  return stdout;
}

function qemuOf(place: VmHome): number[] {
  return processesNaming(place.directory)
    .filter(({ commandLine }) => /^\S*qemu-system-/.test(commandLine))
    .map(({ pid }) => pid);
}

/** Waits until so many processes have a file of that name open below a directory: those that were started to look at it are there. */
async function readers(directory: string, name: string, count: number): Promise<void> {
  await expect.poll(() => openFiles(directory, name).length, { timeout: 120_000 }).toBe(count);
}

function openFiles(directory: string, name: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) =>
      linksOf(`/proc/${pid}/fd`).some((path) => path.startsWith(directory) && basename(path) === name),
    );
}

function linksOf(directory: string): string[] {
  try {
    return readdirSync(directory).map((entry) => readlinkSync(join(directory, entry)));
  } catch {
    // The process has ended.
    return [];
  }
}

function supervisors(): FoundProcess[] {
  return processesNaming(runtime).filter(({ commandLine }) => commandLine.includes("supervisor"));
}

async function runState(): Promise<unknown> {
  return JSON.parse(await done("qmp", "Blank", "query-status"));
}

test("a machine that runs goes back to a moment with its memory; its disks alone are set back when it does not run", async () => {
  await done("create", "Moments", "-s", "1M", "--disk", "1M", "-m", "32M");
  const image = (name: string): string => join(home.env["VM_HOME"] ?? "", "Moments", name);
  const write = (disk: number, byte: number): Promise<string> =>
    done(
      "qmp",
      "Moments",
      "human-monitor-command",
      JSON.stringify({ "command-line": `qemu-io virtio${disk} "write -P ${byte} 0 4k"` }),
    );
  const holds = async (name: string, byte: number): Promise<boolean> => {
    const { stdout } = await runProgram(["qemu-io", "-r", "-c", `read -P ${byte} 0 4k`, image(name)]);
    return stdout.includes("read 4096/4096") && !stdout.includes("failed");
  };
  await done("start", "Moments", "--no-wait");
  await write(0, 1);
  await write(1, 2);
  await done("snapshot", "create", "Moments", "whole");
  await write(0, 3);
  await done("snapshot", "create", "Moments", "disks", "--disks-only");
  await write(0, 5);
  await write(1, 5);
  expect(JSON.parse(await done("snapshot", "list", "Moments", "--json"))).toMatchObject([
    { tag: "whole", hasMemory: true, missingOn: [] },
    { tag: "disks", hasMemory: false, missingOn: [] },
  ]);
  expect(await vm("snapshot", "create", "Moments", "whole")).toMatchObject({ status: 1, stdout: "" });
  const running = await vm("snapshot", "restore", "Moments", "disks");
  expect(running).toMatchObject({ status: 1, stdout: "" });
  expect(running.stderr).toContain("is of its disks alone, and it runs");
  const script = await done("snapshot", "restore", "Moments", "whole", "-n");
  expect(await runProgram(["sh", "-c", script], { env: envOf(home) })).toMatchObject({ status: 0 });
  await done("stop", "Moments", "--force");
  expect([await holds("root.qcow2", 1), await holds("disk1.qcow2", 2)]).toEqual([true, true]);
  await done("snapshot", "restore", "Moments", "disks");
  expect([await holds("root.qcow2", 3), await holds("disk1.qcow2", 2)]).toEqual([true, true]);
  await done("start", "Moments", "--no-wait", "--ephemeral");
  const ephemeral = await vm("snapshot", "create", "Moments", "lost");
  expect(ephemeral.stderr).toContain("Moments writes to a file that is not kept");
  await done("stop", "Moments", "--force");
  await done("snapshot", "delete", "Moments", "whole");
  await runProgram(["qemu-img", "check", "-q", image("root.qcow2")]).then(({ status }) =>
    expect(status).toBe(0),
  );
});

test("a guest that was started on a terminal survives it, and is seen, looked at and ended from another", async () => {
  const terminal = openTerminal(
    `${shellWords(home.vm("start", "Blank", "--no-wait"))}; echo status $?; read -r _`,
    {
      env: envOf(home),
      cwd: home.directory,
    },
  );
  await terminal.waitFor("status 0");
  await terminal.close();
  expect(await runState()).toMatchObject({ status: "running" });
  // A second one is refused; the same name in another home is another machine.
  expect(await vm("start", "Blank", "--no-wait")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("is already running"),
  });
  expect(await vm("run", "Blank")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("is already running"),
  });
  expect(await vmIn(other, "qmp", "Blank", "query-status")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("is not running"),
  });
  expect(await vmIn(other, "start", "Blank", "--no-wait", "--json")).toMatchObject({
    status: 0,
    stdout: JSON.stringify({ name: "Blank", up: null }, null, 2) + "\n",
  });

  expect(await done("pause", "Blank")).toBe("");
  expect(await runState()).toMatchObject({ status: "paused" });
  for (const words of [
    ["pause", "Blank"],
    ["resume", "Blank"],
    ["stop", "Blank"],
    ["restart", "Blank"],
    ["qmp", "Blank", "quit"],
  ]) {
    expect(await done(...words, "-n")).toContain(`${words.join(" ")}\n`);
  }
  expect(await runState()).toMatchObject({ status: "paused" });
  const core = join(home.directory, "core");
  expect(await done("dump", "Blank", core)).toBe("");
  expect(readFileSync(core).subarray(1, 4).toString()).toBe("ELF");
  expect(await done("resume", "Blank")).toBe("");
  expect(await vm("qmp", "Blank", "no-such-command")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("no-such-command"),
  });
  expect(await vm("wait", "Blank", "--for", "up", "--timeout", "1")).toMatchObject({
    status: 253,
    stdout: "",
  });

  // It hears no button: QEMU is told to quit after that time. Nobody else's is touched.
  const events = vm("events", "Blank");
  const exit = vm("wait", "Blank", "--for", "exit", "--json");
  const panic = vm("wait", "Blank", "--for", "panic");
  // Of the other home's guest too.
  await readers(runtime, "events", 5);
  expect(await vm("stop", "Blank", "--timeout", "1", "--json")).toMatchObject({
    status: 0,
    stdout: JSON.stringify([{ name: "Blank", how: "quit" }], null, 2) + "\n",
    stderr: expect.stringContaining("Blank did not power off"),
  });
  expect(JSON.parse((await exit).stdout)).toMatchObject({ event: "exit", exitCode: 0 });
  expect(await panic).toMatchObject({ status: 254, stderr: expect.stringContaining("without a panic") });
  const lines = (await events).stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ event }) => event)).toEqual(["started", "paused", "resumed", "exit"]);
  expect(qemuOf(home)).toEqual([]);
  expect(qemuOf(other)).toHaveLength(1);
  expect(await vmIn(other, "stop", "--all", "--force", "--quiet")).toMatchObject({
    status: 0,
    stderr: "",
  });
  expect(qemuOf(other)).toEqual([]);
});

test("a VM whose kernel panics before it is up is not waited for, and stays to be looked at", async () => {
  await done("create", "Lost", "-m", "256M", "-s", "1M");
  const lost = "Lost is not up, and will not be: Kernel panic - not syncing: VFS: Unable to mount root fs";
  const started = await vm("start", "Lost", "-k", kernel.build, "-a", "no_timer_check");
  expect(started).toMatchObject({ status: 254, stdout: "" });
  expect(started.stderr).toContain(lost);
  const waited = await vm("wait", "Lost", "--for", "up");
  expect(waited).toMatchObject({ status: 254, stdout: "" });
  expect(waited.stderr).toContain(lost);
  expect(await done("wait", "Lost", "--for", "panic", "--json")).toContain('"by": "console"');
  await done("stop", "Lost", "--force");
});

test("a QEMU that was killed is seen as dead at once, and one that hangs is killed", async () => {
  await done("start", "Blank", "--no-wait");
  const exit = vm("wait", "Blank", "--for", "exit", "--json");
  const follow = vm("logs", "-f", "Blank");
  await readers(runtime, "events", 2);
  await readers(home.directory, ".console.log", 2);
  const [pid = 0] = qemuOf(home);
  process.kill(pid, "SIGKILL");
  expect(JSON.parse((await exit).stdout)).toMatchObject({ event: "exit", exitCode: 137 });
  expect(await follow).toMatchObject({ status: 0 });
  expect(await vm("stop", "Blank")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("is not running"),
  });

  // Both at once: nobody is left to say it.
  await done("start", "Blank", "--no-wait");
  const gone = vm("wait", "Blank", "--for", "exit", "--json");
  await readers(runtime, "events", 2);
  for (const { pid: each } of supervisors()) process.kill(each, "SIGKILL");
  await expect.poll(supervisors, { timeout: 120_000 }).toEqual([]);
  const [left = 0] = qemuOf(home);
  expect(await vm("console", "Blank")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("does not answer"),
  });
  expect(await runState()).toMatchObject({ status: "running" });
  process.kill(left, "SIGKILL");
  expect(await gone).toMatchObject({ status: 0, stdout: "null\n" });

  await done("start", "Blank", "--no-wait");
  const [hung = 0] = qemuOf(home);
  process.kill(hung, "SIGSTOP");
  expect(await vm("stop", "--force", "Blank", "--json")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("killed"),
  });
  expect(qemuOf(home)).toEqual([]);
});

test("no command about a guest that runs loses its answer and says nothing of it", async () => {
  await done("start", "Blank", "--no-wait");
  await done("pause", "Blank");
  await done("resume", "Blank");
  const commands = [
    ["list"],
    ["info", "Blank"],
    ["events", "Blank"],
    ["logs", "Blank", "-n"],
    ["qmp", "Blank", "query-status"],
    ["wait", "Blank", "--for", "exit", "-n"],
    ...["stop", "pause", "resume", "restart", "console"].map((name) => [name, "Blank", "-n"]),
    ["dump", "Blank", "core2", "-n"],
  ];
  const script = (words: readonly string[]): string => shellWords(home.vm(...words));
  const run = (text: string): Promise<Outcome> =>
    runProgram(["sh", "-c", text], { env: envOf(home), cwd: home.directory });
  const lost = await Promise.all(commands.map((words) => run(`${script(words)} >/dev/full`)));
  const closed = await Promise.all(
    commands.map((words) => run(`{ ${script(words)}; echo "code $?" >&2; } | :`)),
  );
  for (const [index, words] of commands.entries()) {
    expect([words, lost[index]]).toMatchObject([
      words,
      { status: 1, stderr: expect.stringMatching(/output could not be written: .*no space left/i) },
    ]);
    expect([words, closed[index]?.stderr]).toEqual([words, "code 141\n"]);
  }
  // What was done is done, and the exit code says that its answer was lost.
  expect(await run(`${script(["stop", "Blank", "-f", "--json"])} >/dev/full`)).toMatchObject({ status: 1 });
  expect(qemuOf(home)).toEqual([]);
});

test("a guest is started again as it was started", async () => {
  await done("start", "Blank", "--no-wait", "--", "-name", "from the command line");
  const first = qemuOf(home);
  await done("restart", "Blank", "--force", "--no-wait");
  expect(qemuOf(home)).not.toEqual(first);
  expect(JSON.parse(await done("qmp", "Blank", "query-name"))).toEqual({ name: "from the command line" });
  await done("stop", "Blank", "-f");
});

function attach(...words: readonly string[]): Terminal {
  const script = `${shellWords(home.vm("console", ...words))}; echo status $?; stty -a`;
  return openTerminal(script, { env: envOf(home) });
}

test("several people are on one console at once, and leave it; QEMU's monitor is there", async () => {
  await done("start", "Blank", "--no-wait");
  const [first, second] = [attach("Blank"), attach("Blank", "--detach-key", "^T")];
  await first.waitFor("leaves it");
  await second.waitFor("^T leaves it");
  first.write("\u0001c");
  await first.waitFor("(qemu)");
  await second.waitFor("(qemu)");
  second.write("info name\r");
  await first.waitFor(/info name[^]*\(qemu\)/);
  first.write("\u001d");
  for (const pattern of ["Blank goes on", "status 0", / icanon .* echo /s]) await first.waitFor(pattern);
  second.write("\u0014");
  await second.waitFor("status 0");
  const log = await done("logs", "Blank");
  expect(log).toContain("info name");
  // On a terminal it is as plain as all else that a guest says.
  expect(log).toContain("\u001b[");
  const seen = openTerminal(`${shellWords(home.vm("logs", "Blank"))}; echo status $?`, { env: envOf(home) });
  await seen.waitFor("status 0");
  expect(seen.output()).toContain("info name");
  expect(seen.output()).not.toContain("\u001b");
  await seen.close();
  const lost = await runProgram(["sh", "-c", `${shellWords(home.vm("logs", "Blank"))} >/dev/full`], {
    env: envOf(home),
  });
  expect(lost).toMatchObject({ status: 1, stderr: expect.stringContaining("could not be written") });
  await first.close();
  await second.close();
  await done("stop", "Blank", "-f");
  // The log of a run that is over.
  expect(await done("logs", "Blank")).toContain("info name");
});

test("a VM is up when its console asks for a login", async () => {
  await done("create", "Debian", "-m", "1G", "-s", "2G");
  await home.putGuest("Debian");
  expect(await vm("start", "Debian", "-k", kernel.build, "--json")).toMatchObject({
    status: 0,
    stdout: `${JSON.stringify({ name: "Debian", up: "login" }, null, 2)}\n`,
  });
  expect(await done("logs", "Debian")).toMatch(/^\S+ login: /m);
  expect(JSON.parse(await done("list", "--json"))).toContainEqual(
    expect.objectContaining({ name: "Debian", kernel: kernel.release }),
  );
  // systemd-logind hears the button.
  expect(await vm("stop", "Debian", "--json", "--timeout", "240")).toMatchObject({
    status: 0,
    stdout: `${JSON.stringify([{ name: "Debian", how: "powered-off" }], null, 2)}\n`,
  });
  expect(qemuOf(home)).toEqual([]);
});

test("the embedded guest runs in the background: a shell on its console, a panic is told, and it powers off in order", async () => {
  const shared = mkdtempSync(join(home.directory, "shared-"));
  const start = ["start", "-k", kernel.build, "--name", "try", "--rw", shared];
  expect(await vm(...start)).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("try is up (a shell is on its console)"),
  });
  expect(await vm(...start)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("try is already running"),
  });
  expect(await done("wait", "try", "--for", "up", "--json")).toContain('"shell"');
  const listed = { name: "try", kind: "embedded", state: "running", kernel: kernel.release, root: "/" };
  const info: { readonly since: string } = JSON.parse(await done("info", "try", "--json"));
  expect(info).toMatchObject(listed);
  expect(Date.now() - Date.parse(info.since)).toBeGreaterThan(0);
  expect(JSON.parse(await done("list", "--json"))).toContainEqual(info);
  expect((await done("list", "-q")).split("\n")).toContain("try");
  expect(await vmIn(other, "info", "try")).toMatchObject({ status: 1, stdout: "" });
  const terminal = openTerminal(shellWords(home.vm("console", "try")), { env: envOf(home) });
  await terminal.waitFor("leaves it");
  terminal.write(`uname -r >${shared}/release; echo sum $((40 + 2))\r`);
  await terminal.waitFor("sum 42");
  terminal.write("exit\r");
  terminal.write("echo again $((50 + 5))\r");
  await terminal.waitFor("again 55");
  expect(readFileSync(join(shared, "release"), "utf8")).toBe(`${kernel.release}\n`);
  expect(await done("stop", "try", "--json")).toContain("powered-off");
  await terminal.waitFor("try has ended");
  expect(await terminal.ended).toBe(0);
  expect(await done("logs", "try")).toContain("sum 42");

  await done(...start);
  const panic = vm("wait", "try", "--for", "panic", "--json");
  await readers(runtime, "events", 2);
  const shell = openTerminal(shellWords(home.vm("console", "try")), { env: envOf(home) });
  await shell.waitFor("leaves it");
  shell.write("echo c >/proc/sysrq-trigger\r");
  expect(JSON.parse((await panic).stdout)).toMatchObject({
    event: "panic",
    by: "console",
    line: expect.stringContaining("Kernel panic"),
  });
  await shell.waitFor("try has ended");
  await shell.close();
});
