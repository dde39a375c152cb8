import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, unfolded, type Sandbox } from "./vm.js";

/** A stand-in for QEMU that does not start a guest. */
function refusingQemu(box: Sandbox): { PATH: string } {
  const directory = join(box.root, "bin");
  mkdirSync(directory);
  const path = join(directory, "qemu-system-x86_64");
  writeFileSync(path, '#!/bin/sh\necho "qemu: could not load kernel" >&2\nexit 1\n');
  chmodSync(path, 0o755);
  return { PATH: `${directory}:${process.env["PATH"]}` };
}

function results(box: Sandbox, plan = "plan"): string[] {
  return readdirSync(join(box.cwd, plan, "results")).toSorted();
}

test("a plan is made once, its cells are run in parts, and what was not run is an error that says so", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "a tree, with comma"));
  const qemu = refusingQemu(box);
  writeFileSync(join(box.cwd, "latin.sh"), Buffer.from([0x23, 0xff, 0x0a]));
  const words = ["-k", "a tree, with comma", "-k", "gone", "--exec", "echo '\n'", "latin.sh"];
  const planned = await box.vm("test", ...words, "--plan", "plan");
  expect(planned.code).toBe(0);
  expect(planned.stdout).toBe("");
  expect(planned.stderr).toContain("4 cells are planned in ");
  // The kernel may go: all that is needed is in the plan.
  renameSync(join(box.cwd, "a tree, with comma"), join(box.cwd, "elsewhere"));
  renameSync(join(box.cwd, "plan"), join(box.cwd, "moved plan"));

  const none = await box.vm("test", "--collect", "moved plan");
  expect(none.code).toBe(1);
  expect(none.stdout).toContain("4 could not be run of 4");
  const one = await box.vmWith(qemu, "test", "--run", "moved plan", "--cell", "1");
  expect(one.code).toBe(1);
  expect(one.stderr).toContain("[1/1] ERROR");
  expect(one.stderr).toContain("not started: qemu: could not load kernel");
  expect(results(box, "moved plan")).toEqual(["1.1.begun", "1.1.json"]);
  const shard = await box.vmWith(qemu, "test", "--run", "moved plan", "--shard", "2/2", "-j", "1");
  expect(shard.code).toBe(1);
  expect(results(box, "moved plan").filter((name) => name.endsWith(".json"))).toEqual([
    "1.1.json",
    "2.1.json",
    "4.1.json",
  ]);
  writeFileSync(join(box.cwd, "moved plan/results/3.1.begun"), "");

  const whole = await box.vm("test", "--collect", "moved plan", "--json", "--junit", "r.xml");
  expect(whole.code).toBe(1);
  const report: { cells: { kernel: string; reason: string; verdict: string }[]; tests: unknown } = JSON.parse(
    whole.stdout,
  );
  expect(report.cells).toMatchObject([
    { kernel: "a tree, with comma", verdict: "error", reason: "not started: qemu: could not load kernel" },
    { kernel: "a tree, with comma", verdict: "error", reason: "not started: qemu: could not load kernel" },
    {
      kernel: "gone",
      verdict: "error",
      reason: "no answer: attempt 1 at cell 3 began, and nothing was heard of it since",
    },
    { kernel: "gone", verdict: "error", reason: expect.stringContaining("gone") },
  ]);
  expect(report.tests).toMatchObject([{ command: "echo '\n'" }, { commandBase64: "I/8K" }]);
  expect(readFileSync(join(box.cwd, "r.xml"), "utf8")).toContain('tests="4" failures="0" errors="4"');

  // A second run of the same cell is a new attempt, and the newest counts.
  rmSync(join(box.cwd, "moved plan/results/1.1.json"));
  await box.vmWith(qemu, "test", "--run", "moved plan", "--cell", "1");
  expect(results(box, "moved plan")).toContain("1.2.json");
}, 60_000);

test("a part of a plan that has fewer cells than parts has nothing to do, and says so", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  await box.vm("test", "-k", "linux", "--plan", "plan");
  const { code, stderr } = await box.vm("test", "--run", "plan", "--shard", "2/2", "--report", "r.json");
  expect([code, stderr]).toEqual([0, expect.stringContaining("this part has no cells")]);
  expect(JSON.parse(readFileSync(join(box.cwd, "r.json"), "utf8"))).toMatchObject({
    passed: true,
    cells: [],
  });
  expect(results(box)).toEqual([]);
});

test("results find a place where none came with the plan", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  await box.vm("test", "-k", "linux", "--plan", "plan");
  // As an archive that keeps no empty directories.
  rmSync(join(box.cwd, "plan/results"), { recursive: true });
  const { stderr } = await box.vmWith(refusingQemu(box), "test", "--run", "plan");
  expect(stderr).toContain("not started: qemu: could not load kernel");
  expect(results(box)).toEqual(["1.1.begun", "1.1.json"]);
});

test("an image that is not the one that was planned is not tested", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  await box.vm("test", "-k", "linux", "--plan", "plan");
  const [name = ""] = readdirSync(join(box.cwd, "plan/kernels"));
  const boot = join(box.cwd, "plan/kernels", name, "boot");
  const image = readdirSync(boot).find((file) => file.startsWith("vmlinuz-")) ?? "";
  const bytes = readFileSync(join(boot, image));
  writeFileSync(join(boot, image), bytes.subarray(0, bytes.length - 1));
  const { code, stderr } = await box.vmWith(refusingQemu(box), "test", "--run", "plan");
  expect(code).toBe(1);
  expect(stderr).toContain("is not the image that was planned");
});

test("a directory with something in it is no place for a plan, and one without a plan has no cells", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  writeFileSync(join(box.cwd, "linux/plan.json"), '{"format":"another"}');
  expect(await box.vm("test", "-k", "linux", "--plan", "linux")).toMatchObject({
    code: 249,
    stderr: expect.stringContaining("is not empty"),
  });
  for (const words of [
    ["--run", "gone"],
    ["--collect", "gone"],
    ["--run", "linux"],
    ["--run", "linux", "-n"],
  ]) {
    const { code, stderr } = await box.vm("test", ...words);
    expect([words, code, /holds no plan|is no plan/.test(stderr)]).toEqual([words, 249, true]);
  }
  await box.vm("test", "-k", "linux", "--plan", "plan");
  expect(await box.vm("test", "--run", "plan", "--cell", "2")).toMatchObject({
    stderr: expect.stringContaining("has no cell 2: its last one is 1"),
  });
  const manifest = join(box.cwd, "plan/plan.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"cwd":"[^"]*"/, '"cwd":"/not/here"'));
  expect(await box.vm("test", "--run", "plan")).toMatchObject({
    code: 249,
    stderr: expect.stringContaining("run in /not/here, which is not on this machine"),
  });
});

test("options that would do nothing are refused by name", async () => {
  const box = sandbox();
  const refused: readonly (readonly [named: string, words: readonly string[]])[] = [
    ["--shard", ["-k", "linux", "--shard", "1/2"]],
    ["--cell", ["--collect", "plan", "--cell", "1"]],
    ["--wait", ["--run", "plan", "--wait"]],
    ["--run", ["--plan", "p", "--run", "plan"]],
    ["--fail-fast", ["-k", "linux", "--plan", "p", "--fail-fast"]],
    ["-j", ["-k", "linux", "--plan", "p", "-j", "2"]],
    ["--flaky", ["-k", "linux", "--plan", "p", "--retry", "1", "--flaky", "fail"]],
    ["--flaky", ["-k", "linux", "--flaky", "fail"]],
    ["--flaky", ["--collect", "plan", "--flaky", "maybe", "-n"]],
    ["--seed", ["-k", "linux", "--plan", "p", "--seed", "1"]],
    ["--seed", ["--collect", "plan", "--seed", "1"]],
    ["--seed", ["--run", "plan", "--seed", "4294967296", "-n"]],
    ["--repeat", ["--run", "plan", "--repeat", "2"]],
    ["--retry", ["-k", "linux", "--retry", "0"]],
    ["--until-fail", ["--run", "plan", "--until-fail"]],
    ["--report", ["-k", "linux", "--plan", "p", "--report", "r"]],
    ["-k", ["--run", "plan", "-k", "linux"]],
    ["--timeout", ["--collect", "plan", "--timeout", "5"]],
    ["-j", ["--collect", "plan", "-j", "5"]],
    ["files", ["--run", "plan", "a.sh"]],
    ["--cell", ["--run", "plan", "--cell", "0"]],
    ["--cell", ["--run", "plan", "--cell", "1", "--shard", "1/2"]],
    ...["0/3", "4/3", "1", "1/0", "a/b", "1/3 "].map(
      (part) => ["--shard", ["--run", "plan", "--shard", part]] as const,
    ),
  ];
  for (const [named, words] of refused) {
    const { code, stderr } = await box.vm("test", ...words);
    expect([words, code, stderr.includes(named)]).toEqual([words, 2, true]);
  }
}, 60_000);

test("the script of a dry run is the command itself, and makes nothing", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const { code, stdout } = await box.vm("test", "-k", "linux", "--plan", "plan", "-n");
  expect(code).toBe(0);
  expect(unfolded(stdout)).toMatch(/ test -k linux --plan plan$/m);
  expect(readdirSync(box.cwd)).toEqual(["linux"]);
});

test("a thousand cells are prepared once, and their tests are written once", async () => {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const kernels = Array.from({ length: 10 }, () => ["-k", "linux"]).flat();
  const commands = Array.from({ length: 100 }, (_, index) => [
    "--exec",
    `: ${index} ${"x".repeat(500)}`,
  ]).flat();
  const { code, stderr } = await box.vm("test", ...kernels, ...commands, "--plan", "plan");
  expect(code).toBe(0);
  expect(stderr).toContain("1000 cells are planned");
  // The same kernel ten times is one copy.
  expect(readdirSync(join(box.cwd, "plan/kernels"))).toHaveLength(1);
  expect(statSync(join(box.cwd, "plan/plan.json")).size).toBeLessThan(200_000);
  const { stdout } = await box.vm("test", "--collect", "plan");
  expect(stdout).toContain("1000 could not be run of 1000");
}, 60_000);
