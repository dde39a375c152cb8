import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, unfolded, type Sandbox } from "./vm.js";

/** A stand-in for QEMU that cannot load any kernel: every test ends the same way. */
function refusingQemu(box: Sandbox): { PATH: string } {
  const directory = join(box.root, "bin");
  mkdirSync(directory);
  const qemu = join(directory, "qemu-system-x86_64");
  writeFileSync(qemu, '#!/bin/sh\necho "qemu: could not load kernel" >&2\nexit 1\n');
  chmodSync(qemu, 0o755);
  return { PATH: `${directory}:${process.env["PATH"]}` };
}

interface Report {
  readonly cells: { verdict: string; reason: string; kernel: string; test: string }[];
  readonly comparison: { readonly newFailures: readonly object[]; readonly stillFailing: readonly object[] };
  readonly origin: object;
  readonly invocation: object;
  readonly kernels: readonly { readonly identity?: object }[];
}

function readReport(box: Sandbox, file: string): Report {
  const report: Report = JSON.parse(readFileSync(join(box.cwd, file), "utf8"));
  return report;
}

/** Changes what a report says of a test. */
function rewrite(box: Sandbox, from: string, to: string, verdicts: Readonly<Record<string, string>>): void {
  const report = readReport(box, from);
  for (const cell of report.cells) cell.verdict = verdicts[cell.test] ?? cell.verdict;
  writeFileSync(join(box.cwd, to), JSON.stringify(report));
}

test("a report says where and of what it is; it is compared with, and what failed in it is run again", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const env = refusingQemu(box);
  const tests = ["-k", "linux", "--exec", "one", "--exec", "two", "-c", "2"];
  await box.vmWith(env, "test", ...tests, "--report", "old.json");
  const report = readReport(box, "old.json");
  expect(report.origin).toMatchObject({ vm: expect.stringMatching(/^\d/), host: expect.any(String) });
  expect(report.kernels[0]?.identity).toMatchObject({
    imageSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    configSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    commit: null,
  });
  // Both failed then as now: nothing is new.
  const same = await box.vmWith(env, "test", ...tests, "--baseline", "old.json", "--report", "r.json");
  expect(same.code).toBe(0);
  expect(same.stdout).toContain("Against old.json: 0 new failures, 2 still failing\n");
  expect(readReport(box, "r.json").comparison.stillFailing).toHaveLength(2);
  rewrite(box, "old.json", "one passed.json", { one: "passed" });
  const worse = await box.vmWith(env, "test", ...tests, "--baseline", "one passed.json");
  expect(worse.code).toBe(1);
  expect(worse.stdout).toContain("new failure: linux \u00b7 one: not started: qemu");

  const again = await box.vmWith(env, "test", "--rerun-failed", "one passed.json", "--report", "again.json");
  expect(again.code).toBe(1);
  expect(readReport(box, "again.json").cells.map(({ test: name }) => name)).toEqual(["two"]);
  expect(readReport(box, "again.json").invocation).toMatchObject({ options: { cpus: "2" } });
  const only = await box.vmWith(env, "test", ...tests, "--only", "t?o", "--json");
  const told: Report = JSON.parse(only.stdout);
  expect(told.cells.map(({ test: name }) => name)).toEqual(["two"]);
});

test("what a choice leaves nothing of is told, and what would do nothing is refused", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const env = refusingQemu(box);
  await box.vmWith(env, "test", "-k", "linux", "--exec", "one", "--report", "old.json");
  rewrite(box, "old.json", "good.json", { one: "passed" });
  writeFileSync(join(box.cwd, "known"), "one # of old\ntwo\n");
  const cases: readonly (readonly [code: number, said: string, words: readonly string[]])[] = [
    [249, "every test passed", ["--rerun-failed", "good.json"]],
    [249, "no test of this run", ["-k", "linux", "--exec", "two", "--rerun-failed", "old.json"]],
    [249, "no such file", ["--rerun-failed", "gone.json"]],
    [249, "cannot be used", ["-k", "linux", "--baseline", "linux/.config"]],
    [249, '"two" fits', ["-k", "linux", "--exec", "one", "--only", "two"]],
    [249, '"two" fits', ["-k", "linux", "--exec", "one", "--only", "two", "-n"]],
    [2, "-c", ["--rerun-failed", "old.json", "-c", "2"]],
    [2, "a file", ["--rerun-failed", "old.json", "a.sh"]],
    [2, "--rerun-failed", ["-k", "linux", "--plan", "p", "--rerun-failed", "old.json"]],
    [2, "--baseline", ["-k", "linux", "--plan", "p", "--baseline", "old.json"]],
    [249, "known:2: ", ["-k", "linux", "--expected-failures", "known"]],
    [249, "known:2: ", ["-k", "linux", "--expected-failures", "known", "-n"]],
    [249, "known:2: ", ["-k", "linux", "--baseline", "good.json", "--expected-failures", "known", "--json"]],
    [249, "cannot be read", ["-k", "linux", "--expected-failures", "gone"]],
    [2, "--expected-failures", ["-k", "linux", "--plan", "p", "--expected-failures", "known"]],
    [2, "--expected-failures", ["--run", "p", "--expected-failures", "known"]],
    [2, "--expected-failures", ["-k", "linux", "--on", "slurm", "--expected-failures", "known"]],
    [2, "--expected-failures", ["--rerun-failed", "old.json", "--expected-failures", "known"]],
    [2, "--only", ["--run", "p", "--only", "x"]],
    [2, "--guest", ["-k", "linux", "--guest", "per-host"]],
  ];
  for (const [code, said, words] of cases) {
    const ended = await box.vm("test", ...words);
    expect([words, ended.code, ended.stderr.includes(said)]).toEqual([words, code, true]);
  }
  writeFileSync(join(box.cwd, "its known"), "one # of old\n");
  const list = await box.vm("test", "-k", "linux", "--exec", "one", "--expected-failures", "its known", "-n");
  expect(list.stdout).toMatch(/vm\.cjs test [^;]*--expected-failures 'its known'\n/);
  const dry = await box.vm("test", "--rerun-failed", "old.json", "-n");
  expect(unfolded(dry.stdout)).toMatch(/vm\.cjs test --rerun-failed old\.json/);
});

test("vm report makes a table, a page and a document of any number of runs", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  await box.vmWith(refusingQemu(box), "test", "-k", "linux", "--exec", "one", "--report", "b.json");
  rewrite(box, "b.json", "a.json", { one: "passed" });
  const table = await box.vm("report", "a.json", "b.json", "--html", "h.html");
  expect(table).toMatchObject({ code: 0, stderr: "" });
  expect(table.stdout).toMatch(
    /^KERNEL +TEST +a\.json +b\.json +TREND\nlinux +one +passed[ .\ds]*FAILED +broke\n/,
  );
  expect(readFileSync(join(box.cwd, "h.html"), "utf8")).toContain("2 runs: 1 broke");
  const { stdout } = await box.vm("report", "a.json", "b.json", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    format: "vm-test-history",
    rows: [{ path: ["one"], states: ["passed", "failed"], trend: "broke" }],
  });
  const dry = await box.vm("report", "a.json", "--html", "x.html", "-n");
  expect(unfolded(dry.stdout)).toMatch(/vm\.cjs report a\.json --html x\.html/);
  expect(await box.vm("report")).toMatchObject({ code: 2 });
  expect(await box.vm("report", "gone.json")).toMatchObject({ code: 1 });
});
