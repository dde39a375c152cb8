import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { startSlurmCluster, type SlurmCluster } from "../fixtures/slurm-cluster.mjs";
import { noProcessNames, processesNaming } from "../guest/processes.js";
import { comparableReport, junitCases, untimedTable } from "../guest/matrix-reports.js";
import { createVmHome, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

let home: VmHome;
let cluster: SlurmCluster;
let place: string;

beforeAll(async () => {
  const kernel = await kernelFixture();
  home = createVmHome();
  place = mkdtempSync(join(tmpdir(), "slurm-"));
  symlinkSync(kernel.build, join(home.directory, "good"));
  // Output passes through pipes in the guest, where a panic in the same moment would leave it (docs/guest-contract.md).
  writeFileSync(
    join(home.directory, "panic.sh"),
    "echo 'dying <here>' >&2\nsleep 1\necho c >/proc/sysrq-trigger\nsleep 600\n",
  );
  cluster = await startSlurmCluster(place, 3);
});

afterAll(async () => {
  await cluster.stop();
  home.remove();
  rmSync(place, { recursive: true, force: true });
});

const guest = ["--accel", "tcg", "-m", "512M"];

function environment(): Record<string, string> {
  return { ...home.env, ...cluster.env };
}

function vmTest(...words: readonly string[]): Promise<Outcome> {
  return runProgram(home.vm("test", ...words), { env: environment(), cwd: home.directory });
}

/** @param settings where and how its cells run, in words */
function beginVmTest(settings: string, ...words: readonly string[]): ChildProcess {
  const [program, ...rest] = home.vm("test", ...words, ...guest, ...settings.split(" "));
  return spawn(program, rest, {
    cwd: home.directory,
    env: { ...process.env, ...environment() },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(100);
}

function isBegun(plan: string, ...attempts: readonly string[]): boolean {
  return attempts.every((attempt) => existsSync(join(home.directory, plan, "results", `${attempt}.begun`)));
}

/** Of the guests that run cells of this test. */
function guests(): number[] {
  return processesNaming(home.directory)
    .filter(({ commandLine }) => /^\S*qemu-system/.test(commandLine))
    .map(({ pid }) => pid);
}

/** The slurmstepd that a process runs below. */
function stepOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  if (/^Name:\tslurmstepd$/m.test(status)) return pid;
  return stepOf(Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]));
}

test("a matrix on Slurm gives the reports of a local run, and leaves nothing", async () => {
  const matrix = [
    "-k",
    "good",
    "--exec",
    "uname -r; modprobe dummy",
    "--exec",
    "exit 3",
    "panic.sh",
    ...guest,
  ];
  const before = readdirSync(home.directory).length;
  const local = await vmTest(...matrix, "-j", "2", "--report", "a.json", "--junit", "a.xml");
  const there = await vmTest(
    ...matrix,
    "--on",
    "slurm:vm",
    "-j",
    "2",
    "--report",
    "b.json",
    "--junit",
    "b.xml",
  );
  expect([local.status, there.status]).toEqual([1, 1]);
  const read = (file: string): string => readFileSync(join(home.directory, file), "utf8");
  expect(comparableReport(read("b.json"))).toEqual(comparableReport(read("a.json")));
  expect(junitCases(read("b.xml"))).toEqual(junitCases(read("a.xml")));
  expect(junitCases(read("b.xml"))).toHaveLength(3);
  expect(untimedTable(there.stdout)).toBe(untimedTable(local.stdout));
  expect(there.stderr).toMatch(/^vm: 3 cells submitted as job \d+, planned in /);
  // The plan was there for this run alone.
  expect(readdirSync(home.directory)).toHaveLength(before + 4);
});

test("cells outlive their client, slurmctld and a node; an attempt that Slurm gave up replaces nothing", async () => {
  const kernel = ["-k", "good"];
  const client = beginVmTest("--on slurm --plan plan", ...kernel, "--exec", "echo first", "--exec", ":");
  await until(() => isBegun("plan", "1.1", "2.1"));
  client.kill("SIGKILL");
  await once(client, "exit");
  const running = await cluster.ask("squeue", "--noheader", "--array", "--states=R", "--format=%K %N %F");
  const [, node = "", job = ""] = /^1 (\w+) (\d+)$/m.exec(running) ?? [];
  await cluster.restartController(job);
  await cluster.killNode(node);
  let isCollected = false;
  const collecting = vmTest("--collect", "plan", "--wait", "--json").finally(() => (isCollected = true));
  await until(() => isBegun("plan", "1.2") || isCollected);
  // What the dead one would have said.
  writeFileSync(join(home.directory, "plan/results/1.1.json"), "{}");
  const collected = await collecting;
  expect([collected.status, collected.stderr]).toEqual([0, expect.stringContaining("[2/2] passed")]);
});

test("Ctrl-C cancels the cells and leaves no guest, though a slurmstepd was killed", async () => {
  const commands = ["--exec", "sleep 600", "--exec", "sleep 601"];
  const client = beginVmTest("--on slurm --plan endless", "-k", "good", ...commands);
  const ended = once(client, "exit");
  await until(() => isBegun("endless", "1.1", "2.1") && guests().length === 2);
  process.kill(stepOf(guests()[0] ?? 0), "SIGKILL");
  client.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  await noProcessNames(home.directory);
  const collected = await vmTest("--collect", "endless", "--wait");
  expect(collected.status).toBe(1);
  expect(collected.stdout).toContain("2 could not be run of 2");
});
