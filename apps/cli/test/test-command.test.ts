import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { configuration, makeBuildTree, sandbox, unfolded, type Sandbox } from "./vm.js";

const bin = fileURLToPath(new URL("../bin/vm.cjs", import.meta.url));

/** Build trees with all that the embedded guest asks of a configuration. */
function makeTrees(box: Sandbox, ...names: readonly string[]): void {
  for (const name of names) {
    makeBuildTree(join(box.cwd, name));
  }
}

/** A stand-in for QEMU: a script, and the PATH that finds it. `$LOG` gets a line for each start of a guest. */
function fakeQemu(box: Sandbox, script: string): { PATH: string; LOG: string } {
  const directory = join(box.root, "bin");
  mkdirSync(directory);
  const path = join(directory, "qemu-system-x86_64");
  // It gets little of our environment: the log's place stands in it.
  const log = join(box.root, "log");
  writeFileSync(
    path,
    `#!/bin/sh\n[ "$1" != --version ] || exit\nLOG='${log}'\necho started >>"$LOG"\n${script}\n`,
  );
  chmodSync(path, 0o755);
  return { PATH: `${directory}:${process.env["PATH"]}`, LOG: log };
}

const refuse = 'echo "qemu: could not load kernel" >&2\nexit 1';

function read(box: Sandbox, file: string): string {
  return readFileSync(join(box.cwd, file), "utf8");
}

test("what cannot be run is an error of its own row, and all reports have it", async () => {
  const box = sandbox();
  makeTrees(box, "refused");
  makeBuildTree(join(box.cwd, "poor"), { config: configuration.replace("CONFIG_PROC_FS=y\n", "") });
  const named = ["refused", "poor", "gone", "refused"].flatMap((kernel) => ["-k", kernel]);
  const reports = ["--report", "r.json", "--junit", "r.xml", "--html", "r.html"];
  const args = ["test", ...named, "--exec", "uname -r", "-j", "1", ...reports];
  const { code, stdout, stderr } = await box.vmWith(fakeQemu(box, refuse), ...args);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^KERNEL +uname -r\nrefused +ERROR \d+\.\d s\npoor +ERROR\ngone +ERROR\nrefused \(2\) +ERROR \d+\.\d s\n\n0 passed, 4 could not be run of 4 in /,
  );
  expect(stderr).toContain("[1/4] ERROR   refused · uname -r (");
  expect(stderr).toContain("not started: qemu: could not load kernel");
  expect(stderr).toContain("CONFIG_PROC_FS=y");
  const report: { cells: { kernel: string; reason: string }[] } = JSON.parse(read(box, "r.json"));
  expect(report.cells.map(({ kernel, reason }) => [kernel, reason])).toEqual([
    ["refused", "not started: qemu: could not load kernel"],
    ["poor", expect.stringContaining("it needs CONFIG_PROC_FS=y")],
    ["gone", expect.stringContaining("gone")],
    ["refused (2)", "not started: qemu: could not load kernel"],
  ]);
  expect(read(box, "r.xml")).toContain('<testsuites name="vm test" tests="4" failures="0" errors="4"');
  expect(read(box, "r.html")).toContain("0 of 4 tests passed");
});

test("no QEMU is an error of each row", async () => {
  const box = sandbox();
  makeTrees(box, "a");
  const { code, stderr } = await box.vmWith({ PATH: "/nonexistent" }, "test", "-k", "a");
  expect(code).toBe(1);
  expect(stderr).toContain("ERROR   a · boot: ");
  expect(stderr).toContain("qemu-system-x86_64");
});

test("a revision that cannot be built is an error of its own row, and the others run", async () => {
  const box = sandbox();
  makeTrees(box, "a");
  const args = ["test", "-k", "git:v6.6", "-k", "a", "--json"];
  const { code, stdout, stderr } = await box.vmWith(fakeQemu(box, refuse), ...args);
  expect(code).toBe(1);
  expect(stderr).toContain("vm: git:v6.6: ");
  const report: { cells: { kernel: string; problem: object | null; reason: string }[] } = JSON.parse(stdout);
  expect(report.cells).toMatchObject([
    { kernel: "git:v6.6", problem: { message: expect.any(String) } },
    { kernel: "a", problem: null, reason: "not started: qemu: could not load kernel" },
  ]);
});

test("--fail-fast runs nothing after the first failure", async () => {
  const box = sandbox();
  makeTrees(box, "a", "b");
  const env = fakeQemu(box, refuse);
  const { code, stdout } = await box.vmWith(
    env,
    "test",
    "-k",
    "a",
    "-k",
    "b",
    "--fail-fast",
    "-j",
    "1",
    "--json",
  );
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ counts: { error: 1, skipped: 1 }, jobs: 1 });
  expect(readFileSync(env.LOG, "utf8")).toBe("started\n");
});

test("Ctrl-C ends all guests, and still prints the table and writes the reports", async () => {
  const box = sandbox();
  makeTrees(box, "a", "b", "c");
  const env = fakeQemu(box, 'echo $$ >>"$LOG"\nexec sleep 600');
  const args = ["test", "-k", "a", "-k", "b", "-k", "c", "-j", "2", "--report", "r.json"];
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: box.cwd,
    env: { ...env, HOME: box.root, VM_ACCEL: "tcg" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const ended = once(child, "close");
  const pids = (): string[] =>
    (existsSync(env.LOG) ? readFileSync(env.LOG, "utf8").match(/^\d+$/gm) : null) ?? [];
  while (pids().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(stdout).toContain("0 passed, 3 skipped of 3");
  expect(stdout).toContain("(stopped by signal 2)");
  expect(JSON.parse(read(box, "r.json"))).toMatchObject({ stoppedBy: 2, counts: { skipped: 3 } });
  for (const pid of pids()) expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test("the script of --dry-run runs each cell by itself, touches nothing, and fails when one does", async () => {
  const box = sandbox();
  makeTrees(box, "it's a");
  writeFileSync(join(box.cwd, "t.sh"), "echo 'from a file'\n");
  const before = readdirSync(box.root, { recursive: true }).length;
  const args = [
    "test",
    "-k",
    "it's a",
    "-k",
    "gone",
    "--exec",
    "echo $HOME",
    "t.sh",
    "--timeout",
    "5m",
    "-n",
  ];
  const { code, stdout, stderr } = await box.vm(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(readdirSync(box.root, { recursive: true })).toHaveLength(before);
  const runs = stdout.split("\n").filter((line) => line.includes(" test -k "));
  expect(runs).toHaveLength(4);
  expect(runs[0]).toContain(
    String.raw`vm.cjs test -k 'it'\''s a' --timeout 5m --exec 'echo $HOME' </dev/null`,
  );
  const env = fakeQemu(box, refuse);
  writeFileSync(join(box.root, "script.sh"), stdout);
  const ran = await box.sh(`PATH='${env.PATH}' LOG='${env.LOG}' sh '${join(box.root, "script.sh")}'`);
  expect(ran.code).toBe(1);
  expect(readFileSync(env.LOG, "utf8")).toBe("started\nstarted\n");
});

test.each([
  [["test"], 2, "no kernel given"],
  [["test", "-k", "a", "-j", "0"], 2, "-j: expected a number from 1 on, got '0'"],
  [["test", "-k", "a", "--timeout", "soon"], 2, "--timeout: expected a time"],
  [["test", "-k", "a", "--fail-on", "smoke"], 2, "'smoke' is no complaint"],
  [["test", "-k", "a", "-m", "much"], 2, "-m much: expected an amount of memory"],
  [["test", "-k", "a", "kunit:"], 2, "kunit:: expected names of suites"],
  [["test", "-k", "a", "kunit:a b=c"], 2, "got 'a b=c'"],
  [["test", "-k", "a", "kunit:a\nb"], 2, "expected names of suites"],
  [["test", "-k", "a", "kselftest"], 2, "kselftest: expected targets"],
  [["test", "-k", "a", "kselftest:"], 2, "got ''"],
  [["test", "-k", "a", "kselftest:a b"], 2, "got 'a b'"],
  [["test", "-k", "a", "kselftest:../x"], 2, "got '../x'"],
  [["test", "-k", "a", "kselftest:a/../../x"], 2, "expected targets"],
  [["test", "-k", "a", "kselftest:a,"], 2, "got 'a,'"],
  [["test", "-k", "a", "kselftest:a\nb"], 2, "expected targets"],
  [["test", "-k", "a", "--selftests", "."], 2, "--selftests needs kselftest:TARGETS"],
  [["test", "-k", "a", "kselftest:size", "--plan", "p"], 2, "kselftest means nothing to cells"],
  [["test", "-k", "a", "kselftest:size", "--on", "slurm"], 2, "kselftest means nothing to cells"],
  [["test", "-k", "a", "kselftest:size", "--selftests", "gone"], 249, "gone is no kernel source"],
  [["test", "-k", "a", "kselftest:size", "--root", "/srv"], 249, "--root has others"],
  [["test", "-k", "git:HEAD", "kselftest:size"], 249, "--selftests DIR"],
  [["test", "-k", "a", "./kunit"], 249, "kunit cannot be read"],
  [["test", "-k", "a", "gone.sh"], 249, "gone.sh cannot be read: no such file"],
  [["test", "-k", "a", "program"], 249, "program is no script: it holds a NUL byte"],
  [["test", "-k", "a", "--junit", "no/such/r.xml"], 249, "no/such/r.xml cannot be written: no such file"],
])("%j ends with %d before anything is run", async (args, expected, message) => {
  const box = sandbox();
  makeTrees(box, "a");
  writeFileSync(join(box.cwd, "program"), "\u007fELF\0");
  const env = fakeQemu(box, refuse);
  const { code, stdout, stderr } = await box.vmWith(env, ...args);
  expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
  expect(stderr).toContain(message);
  expect(existsSync(env.LOG)).toBe(false);
});

test("a suite stays a suite in the script of --dry-run", async () => {
  const box = sandbox();
  makeTrees(box, "a");
  const { stdout } = await box.vm("test", "-k", "a", "kunit:list*", "kunit", "-n");
  const words = unfolded(stdout);
  expect(words).toMatch(/ test -k a 'kunit:list\*' </);
  expect(words).toMatch(/ test -k a kunit </);
});
