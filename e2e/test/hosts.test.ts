import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { comparableReport, junitCases, untimedTable } from "../guest/matrix-reports.js";
import { noProcessNames, processesNaming } from "../guest/processes.js";
import { startSshHosts, type SshHosts } from "../guest/ssh-hosts.js";
import { createVmHome, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

let home: VmHome;
let hosts: SshHosts;
let place: string;

beforeAll(async () => {
  const kernel = await kernelFixture();
  home = createVmHome();
  place = mkdtempSync(join(tmpdir(), "ssh-hosts-"));
  symlinkSync(kernel.build, join(home.directory, "good"));
  writeFileSync(
    join(home.directory, "panic.sh"),
    "echo 'dying <here>' >&2\nsleep 1\necho c >/proc/sysrq-trigger\nsleep 600\n",
  );
  hosts = await startSshHosts(place, ["a", "b"]);
});

afterAll(async () => {
  await hosts.stop();
  home.remove();
  rmSync(place, { recursive: true, force: true });
});

const guest = ["--accel", "tcg", "-m", "512M"];

function vmTest(...words: readonly string[]): Promise<Outcome> {
  return runProgram(home.vm("test", ...words), { env: { ...home.env, ...hosts.env }, cwd: home.directory });
}

/** @param words what is run, and where */
function beginVmTest(...words: readonly string[]): ChildProcess {
  const [program, ...rest] = home.vm("test", "-k", "good", ...words, ...guest, "-j", "1");
  return spawn(program, rest, {
    cwd: home.directory,
    env: { ...process.env, ...home.env, ...hosts.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(100);
}

function hasBegun(plan: string, ...attempts: readonly string[]): boolean {
  return attempts.every((attempt) => existsSync(join(home.directory, plan, "results", `${attempt}.begun`)));
}

/** Of the guests of a host. */
function guestsOf(name: string): number {
  return processesNaming(hosts.cache(name)).filter(({ commandLine }) => /^\S*qemu-system/.test(commandLine))
    .length;
}

/** What stands in a host's cache of what came from other machines. */
function shipped(name: string): string[] {
  return readdirSync(join(hosts.cache(name), "vm/shipped"));
}

test("a matrix on two hosts gives the reports of a local run; a kernel is sent once", async () => {
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
  const local = await vmTest(...matrix, "-j", "2", "--report", "a.json", "--junit", "a.xml");
  const before = readdirSync(home.directory).length;
  const reports = ["--report", "b.json", "--junit", "b.xml"];
  const there = await vmTest(...matrix, "-j", "1", "--on", "ssh:a,b", ...reports);
  expect([local.status, there.status, there.stderr]).toEqual([1, 1, expect.any(String)]);
  const read = (file: string): string => readFileSync(join(home.directory, file), "utf8");
  expect(comparableReport(read("b.json"))).toEqual(comparableReport(read("a.json")));
  expect(junitCases(read("b.xml"))).toEqual(junitCases(read("a.xml")));
  expect(junitCases(read("b.xml"))).toHaveLength(3);
  expect(untimedTable(there.stdout)).toBe(untimedTable(local.stdout));
  expect(readdirSync(home.directory)).toHaveLength(before + 2);
  expect([shipped("a"), shipped("b")]).toEqual([[expect.stringMatching(/^\w{32}$/)], shipped("a")]);
});

test("the cells of a host that is lost go to another, and its guests end", async () => {
  const kernel = statSync(join(hosts.cache("a"), "vm/shipped", shipped("a")[0] ?? ""));
  const waiting = [
    "--exec",
    "until [ -e go ]; do sleep 0.1; done",
    "--exec",
    "until [ -e go ]; do sleep 0.2; done",
  ];
  const client = beginVmTest(...waiting, "--on", "ssh:a,b", "--plan", "plan", "--report", "lost.json");
  let said = "";
  client.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(client, "exit");
  await until(() => hasBegun("plan", "1.1", "2.1") && guestsOf("a") === 1 && guestsOf("b") === 1);
  hosts.disconnect("a");
  await until(() => guestsOf("a") === 0);
  writeFileSync(join(home.directory, "go"), "");
  expect([await ended, said]).toEqual([[0, null], expect.stringContaining("a gets no more cells: ")]);
  expect(
    readdirSync(join(home.directory, "plan/results")).filter((name) => name.endsWith(".json")),
  ).toHaveLength(2);
  // It was not sent again.
  expect(statSync(join(hosts.cache("a"), "vm/shipped", shipped("a")[0] ?? "")).ino).toBe(kernel.ino);
});

test.each([
  // The one waits until the guests have ended; after the other nobody is left who could.
  ["SIGINT", [130, null], 0],
  ["SIGKILL", [null, "SIGKILL"], 1],
] as const)("%s of the client leaves nothing on a host", async (signal, end, mostGuests) => {
  const client = beginVmTest("--exec", "sleep 600", "--on", "ssh:b", "--plan", signal);
  const ended = once(client, "exit");
  await until(() => hasBegun(signal, "1.1") && guestsOf("b") === 1);
  client.kill(signal);
  expect(await ended).toEqual(end);
  expect(guestsOf("b")).toBeLessThanOrEqual(mostGuests);
  await hosts.noConnection();
  await noProcessNames(place);
  expect(shipped("b")).toHaveLength(1);
});
