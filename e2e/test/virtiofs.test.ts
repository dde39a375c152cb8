import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buildPackage } from "@vm/modules-mounter";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { debianKernel, type DebianKernel } from "../fixtures/debian-kernel.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { noProcessNames, processesNaming } from "../guest/processes.js";
import { connectQmp } from "../guest/qmp.js";
import { createVmHome, lastingWords, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

const NAME = "TestVM";

let cloud: DebianKernel;
let kernel: KernelFixture;
let home: VmHome;
let work: string;
let temporary: string;

beforeAll(async () => {
  cloud = await debianKernel({ flavour: "cloud-amd64" });
  kernel = await kernelFixture();
  home = createVmHome();
  work = mkdtempSync("/tmp/vm-fs-");
  temporary = join(work, "tmp, it's");
  mkdirSync(temporary);
  const files = join(work, "files");
  const { path } = await buildPackage({ outputDirectory: join(work, "package"), format: "deb" });
  execFileSync("dpkg-deb", ["-x", path, files]);
  await home.run("create", NAME, "-c", "1", "-m", "512M", "-s", "2G");
  await home.putGuest(NAME, { files });
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

function environment(): Record<string, string> {
  return { ...home.env, TMPDIR: temporary, VM_ACCEL: "tcg", VM_CACHE_HOME: join(work, "cache") };
}

async function vm(...args: readonly string[]): Promise<Outcome> {
  return await runProgram(home.vm("run", ...args), { env: environment(), cwd: work });
}

/** No process, no socket and no directory of a run is left. */
async function expectNothingLeft(): Promise<void> {
  await noProcessNames(temporary);
  expect(readdirSync(temporary)).toEqual([]);
}

const WHY = "vm: files are shared over virtiofs: the kernel has no 9p (CONFIG_NET_9P is not set)\n";

test("Debian's cloud kernel, which has no 9p, boots the embedded guest with all its modules, and cannot write the host", async () => {
  const [readable, writable] = [join(work, "only, 'read' \\ it"), join(work, "write")];
  for (const directory of [readable, writable]) {
    mkdirSync(directory);
    writeFileSync(join(directory, "file"), "the host's\n");
  }
  const script = join(work, "attempts");
  writeFileSync(
    script,
    `
    uname -r; modprobe -a dummy nbd && ls /sys/module | grep -cxE 'dummy|nbd'
    cat "$1/file"; echo "the guest's" >>"$2/file"; cat "$2/file"
    touch "$1/new" /usr/new; rm -f "$1/file"; ls "$1" /usr/new
    mkdir /run/again; mount -t virtiofs vm-root /run/again; cd "/run/again$1" && ls
    touch new; rm -f file; chmod 777 .; ln file link; echo x >file; mount -o remount,rw /run/again; mkdir new
    ls /run/again/proc /run/again/sys | wc -w
    `,
  );
  const words = ["sh", script, readable, writable].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const { status, stdout, stderr } = await vm(
    "-k",
    cloud.root,
    "--ro",
    readable,
    "--rw",
    writable,
    "--exec",
    `exec 2>/dev/null; ${words.join(" ")}`,
  );
  expect({ status, stderr: lastingWords(stderr) }).toEqual({ status: 0, stderr: WHY });
  const both = "the host's\nthe guest's\n";
  expect(stdout).toBe(`${cloud.release}\n2\nthe host's\n${both}/usr/new\n\n${readable}:\nfile\nfile\n2\n`);
  expect(readdirSync(readable)).toEqual(["file"]);
  expect(readFileSync(join(writable, "file"), "utf8")).toBe(both);
  expect(existsSync("/usr/new")).toBe(false);
  await expectNothingLeft();
});

test("it boots a VM with systemd, whose generator mounts the modules", async () => {
  const command =
    "uname -r; modprobe nbd && findmnt -rno TARGET,FSTYPE,OPTIONS | grep /lib/modules; modinfo -n nbd";
  const { status, stdout, stderr } = await vm(NAME, "-k", cloud.root, "--exec", command);
  expect({ status, stderr: lastingWords(stderr) }).toEqual({ status: 0, stderr: WHY });
  const lib = `/usr/lib/modules/${cloud.release}`;
  expect(stdout.split("\n")).toEqual([
    cloud.release,
    expect.stringContaining(`${lib} tmpfs rw,`),
    expect.stringContaining(`${lib}/index virtiofs ro,nosuid,nodev`),
    expect.stringContaining(`${lib}/build virtiofs ro,nosuid,nodev`),
    // Compressed since Debian 13.
    expect.stringMatching(/^\/lib\/modules\/[^/]+\/kernel\/drivers\/block\/nbd\.ko(\.xz)?$/),
    "",
  ]);
  await expectNothingLeft();
});

test("a kernel with both takes virtiofs when asked, and a virtiofsd that dies ends the run", async () => {
  const command =
    "modprobe dummy && grep -c virtiofs /proc/mounts; echo ready; ls -R / >/dev/null; sleep 1000";
  const child = startVm(home.vm("run", "-k", kernel.build, "--share", "virtiofs", "--exec", command));
  const output = collect(child);
  await expect.poll(() => output.stdout, { timeout: 300_000 }).toContain("ready\n");
  expect(daemons()).toHaveLength(3);
  process.kill(daemons().find(({ commandLine }) => commandLine.includes("vm-root"))?.pid ?? 0, "SIGKILL");
  await once(child, "close");
  expect(child.exitCode).toBe(254);
  expect(output.stderr).toMatch(
    /vm: the guest was lost: virtiofsd \(\S+virtiofsd\) was killed by signal 9: the guest has lost \/\.\n$/,
  );
  await expectNothingLeft();
});

/** The virtiofsd of this test's runs: children of watchers that name their directory. */
function daemons(): { readonly pid: number; readonly commandLine: string }[] {
  const watchers = new Set(processesNaming(temporary).map(({ pid }) => pid));
  return processesNaming("virtiofsd --socket-path").filter(({ pid }) => watchers.has(parentOf(pid)));
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return 0;
  }
}

/** Starts a program that is ended with the test. */
function startVm([program, ...args]: readonly [string, ...string[]]): ChildProcess {
  const child = spawn(program, args, {
    env: { ...process.env, ...environment() },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  return output;
}

/** QEMU does not let the guest begin (-S): enough to see what is started beside it, and what is left. */
function pausedVm(...more: readonly string[]): readonly string[] {
  const options = ["-S", "-monitor", "none", "-serial", "null"];
  const qmp = ["-qmp", `unix:${home.directory}/qmp,server=on,wait=off`];
  return ["run", NAME, "-k", kernel.build, "--share", "virtiofs", ...more, "--", ...options, ...qmp];
}

/** QEMU answers when it has all of its devices. */
async function isRunning(): Promise<void> {
  const qmp = await connectQmp(join(home.directory, "qmp"));
  qmp.close();
  expect(daemons()).toHaveLength(2);
}

test("a VM that has lost a share has not ended well", async () => {
  const child = startVm(home.vm(...pausedVm()));
  const output = collect(child);
  await isRunning();
  process.kill(daemons()[0]?.pid ?? 0, "SIGTERM");
  await once(child, "close");
  expect(child.exitCode).toBe(1);
  expect(output.stderr).toMatch(
    // Ended by SIGTERM, the one in C says 0 and the one in Rust 1.
    /^vm-virtiofs: virtiofsd \(\S+\) has ended with status [01]: the guest has lost \//m,
  );
  await expectNothingLeft();
});

test.each([
  ["vm", "SIGTERM"],
  ["vm", "SIGKILL"],
  ["the script of its dry run", "SIGTERM"],
  ["the script of its dry run", "SIGKILL"],
] as const)("nothing is left of a VM when %s ends by %s", async (what, signal) => {
  const dry = await runProgram(home.vm(...pausedVm("--dry-run")), { env: environment() });
  expect(dry).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(temporary)).toEqual([]);
  const child = startVm(what === "vm" ? home.vm(...pausedVm()) : ["sh", "-c", dry.stdout]);
  await isRunning();
  child.kill(signal);
  await once(child, "close");
  await noProcessNames(home.directory);
  await noProcessNames(temporary);
  await expect.poll(() => readdirSync(temporary), { timeout: 15_000 }).toEqual([]);
});
