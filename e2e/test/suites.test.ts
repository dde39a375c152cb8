import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseKtap, type KtapReport } from "@vm/ktap";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

let home: VmHome;
let kernel: KernelFixture;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
});

afterAll(() => home.remove());

interface Report {
  readonly cells: readonly {
    readonly verdict: string;
    readonly reason: string;
    readonly run: {
      readonly subtests: KtapReport | null;
      readonly guest: { readonly number: number } | null;
    } | null;
  }[];
}

function readReport(): Report {
  const report: Report = JSON.parse(readFileSync(join(home.directory, "r.json"), "utf8"));
  return report;
}

/**
 * What the kernel's own parser says of its samples (tools/testing/kunit/kunit_tool_test.py): passed, failed, skipped. Where it crashed
 * or nothing ran we say failed, and null where there are no results at all.
 */
const samples: { readonly [file: string]: readonly [verdict: string, ...counts: number[]] | null } = {
  "test_config_printk_time.log": ["passed", 10, 0, 0],
  "test_insufficient_memory.log": null,
  "test_interrupted_tap_output.log": ["passed", 10, 0, 0],
  "test_is_test_passed-all_passed.log": ["passed", 10, 0, 0],
  "test_is_test_passed-all_passed_nested.log": ["passed", 7, 0, 0],
  "test_is_test_passed-failure-nested.log": ["failed", 1, 2, 0],
  "test_is_test_passed-failure.log": ["failed", 9, 1, 0],
  "test_is_test_passed-kselftest.log": ["passed", 4, 0, 1],
  "test_is_test_passed-missing_plan.log": ["passed", 10, 0, 0],
  "test_is_test_passed-no_tests_no_plan.log": ["passed", 1, 0, 0],
  "test_is_test_passed-no_tests_run_no_header.log": null,
  "test_is_test_passed-no_tests_run_with_header.log": ["failed", 0, 0, 0],
  "test_kernel_panic_interrupt.log": ["failed", 8, 0, 0],
  "test_multiple_prefixes.log": ["passed", 10, 0, 0],
  "test_output_isolated_correctly.log": ["passed", 2, 0, 0],
  "test_output_with_prefix_isolated_correctly.log": ["passed", 10, 0, 0],
  "test_parse_attributes.log": ["passed", 1, 0, 0],
  "test_parse_ktap_output.log": ["passed", 3, 0, 0],
  "test_parse_subtest_header.log": ["passed", 1, 0, 0],
  "test_pound_no_prefix.log": ["passed", 10, 0, 0],
  "test_pound_sign.log": ["passed", 10, 0, 0],
  "test_skip_all_tests.log": ["skipped", 0, 0, 5],
  "test_skip_tests.log": ["passed", 4, 0, 1],
  "test_strip_hyphen.log": ["passed", 2, 0, 0],
};

test("the samples of the kernel's own tree mean what its own parser says", () => {
  const directory = join(kernel.source, "tools/testing/kunit/test_data");
  const found = Object.fromEntries(
    readdirSync(directory)
      .filter((file) => file.endsWith(".log"))
      .map((file) => {
        const report = parseKtap(readFileSync(join(directory, file), "utf8"));
        if (report === null) return [file, null];
        const { passed, failed, skipped } = report.counts;
        return [file, [report.verdict, passed, failed, skipped]];
      }),
  );
  expect(found).toEqual(samples);
});

test("tests inside a command are rows, and a panic in the middle names the one that was running", async () => {
  writeFileSync(
    join(home.directory, "rows.sh"),
    "echo 'TAP version 13'; echo 1..3; echo 'ok 1 first'; echo '# why'; echo 'not ok 2 second'; echo 'ok 3 third # SKIP'\n",
  );
  // Output passes through pipes in the guest, where a panic in the same moment would leave it (docs/guest-contract.md).
  writeFileSync(
    join(home.directory, "panic.sh"),
    "echo 'KTAP version 1'; echo 1..4; echo 'ok 1 first'; echo '# second: begins'; sleep 1; echo c >/proc/sysrq-trigger; sleep 600\n",
  );
  const args = [
    "test",
    "-k",
    kernel.build,
    "rows.sh",
    "panic.sh",
    "--exec",
    "echo none",
    "--ktap",
    "--report",
    "r.json",
  ];
  const { status, stdout } = await runProgram(home.vm(...args), { cwd: home.directory, env: home.env });
  expect(status).toBe(1);
  expect(stdout).toContain("rows.sh: 1 passed, 1 failed, 1 skipped\n    failed: second\n");
  const [none, rows, panic] = readReport().cells;
  expect(none).toMatchObject({ verdict: "failed", reason: "its output has no results in KTAP or TAP" });
  expect(rows).toMatchObject({ verdict: "failed", reason: "1 passed, 1 failed, 1 skipped" });
  expect(panic?.reason).toMatch(/^kernel panic: .*; 1 passed, 1 did not end, 2 not run; cut off in second$/);
});

test("kunit: the kernel's own unit tests, built in and in modules; no test at all is a failure", async () => {
  const args = ["test", "-k", kernel.build, "kunit:[el][xi]*", "kunit:no_such_suite", "--report", "r.json"];
  const { status, stdout } = await runProgram(home.vm(...args), { cwd: home.directory, env: home.env });
  expect(status).toBe(1);
  expect(stdout).toContain("kunit:no_such_suite: no test was run\n");
  const [all, none] = readReport().cells;
  const suites = new Map(all?.run?.subtests?.tests.map((suite) => [suite.name, suite]));
  // Built in, with a test that is skipped and parameters as subtests; and of a module.
  const example = new Map(suites.get("example")?.subtests.map((each) => [each.name, each]));
  expect(example.get("example_simple_test")?.status).toBe("passed");
  expect(example.get("example_skip_test")?.status).toBe("skipped");
  expect(example.get("example_params_test")?.subtests.length).toBeGreaterThan(1);
  expect(suites.get("list-kunit-test")?.subtests.length).toBeGreaterThan(10);
  expect(all?.verdict).toBe("passed");
  expect(none?.verdict).toBe("failed");
});

test("tests that share a guest: one that panics it is blamed, a new one goes on, and what each leaves is told or gone", async () => {
  const commands = [
    "echo one; echo err >&2",
    "kill -9 $$",
    // To all of its process group.
    "kill 0; sleep 600",
    "sleep 600 & echo left",
    "! pgrep -x sleep",
    "echo 64 >/proc/sys/kernel/tainted",
    "[ -e /tmp/tried ] || { touch /tmp/tried; exit 7; }",
    "echo c >/proc/sysrq-trigger; sleep 600",
    "exit 137",
  ];
  const words = commands.flatMap((command) => ["--exec", command]);
  const args = ["test", "-k", kernel.build, "--guest", "per-kernel", "--retry", "1", ...words];
  const { status, stdout } = await runProgram(home.vm(...args, "--report", "r.json"), {
    cwd: home.directory,
    env: home.env,
  });
  expect(status).toBe(1);
  expect(stdout).toContain("left the kernel tainted: USER\n");
  const { cells } = readReport();
  expect(cells.map(({ verdict, reason }) => `${verdict}: ${reason.replace(/;.*/, "")}`)).toEqual([
    "passed: exited with status 0",
    "failed: killed by SIGKILL",
    "failed: killed by SIGTERM",
    "passed: exited with status 0",
    "passed: exited with status 0",
    "passed: exited with status 0",
    "flaky: passed when it was tried again: 1 of 2 runs did not pass (exited with status 7)",
    "failed: kernel panic: sysrq triggered crash",
    "failed: exited with status 137",
  ]);
  // The panic was tried again in a second guest; the third went on.
  expect(cells.map(({ run }) => run?.guest?.number)).toEqual([1, 1, 1, 1, 1, 1, 1, 2, 3]);
  expect(cells[0]?.run).toMatchObject({ stdout: { text: "one\n" }, stderr: { text: "err\n" } });
});

test("failures that are known are a verdict of their own, but for what breaks the kernel; the list of them is checked", async () => {
  const lines = [
    "false # of old",
    "second # until 99.0: a subtest",
    "panic* # it may fail, and not panic",
    "late # until 6.0: mended there",
    "true # mended since",
    "gone # a slip",
  ];
  writeFileSync(join(home.directory, "known"), lines.map((line) => `${line}\n`).join(""));
  const script = (name: string, text: string): void => writeFileSync(join(home.directory, name), text);
  script("some.sh", "echo 'TAP version 13'; echo 1..2; echo 'ok 1 first'; echo 'not ok 2 second'; exit 1\n");
  script("late", "exit 1\n");
  script("panics.sh", "echo c >/proc/sysrq-trigger; sleep 600\n");
  const words = [
    "--exec",
    "false",
    "--exec",
    "true",
    "some.sh",
    "late",
    "panics.sh",
    "--guest",
    "per-kernel",
  ];
  const args = ["test", "-k", kernel.build, ...words, "--expected-failures", "known", "--report", "r.json"];
  const { status, stdout } = await runProgram(home.vm(...args), { cwd: home.directory, env: home.env });
  expect(status).toBe(1);
  expect(readReport().cells.map(({ verdict }) => verdict)).toEqual([
    "xfail",
    "passed",
    "xfail",
    "failed",
    "failed",
  ]);
  expect(stdout).toContain("\u00b7 some.sh: failed as expected: all that failed in it was expected to (");
  expect(stdout).toMatch(/\nexpected to fail, and passed: .* true \(known:5\)\n/);
  expect(stdout).toMatch(/\nexpected to fail until 6\.0, and still does: .* late \(known:4\)\n/);
  expect(stdout).toContain("\nexpected to fail, and no test of this run: gone (known:6)\n");
  expect(stdout).toContain("1 passed, 2 failed as expected, 2 failed of 5 in ");
  const good = args.filter((word) => word !== "panics.sh" && word !== "late");
  expect((await runProgram(home.vm(...good), { cwd: home.directory, env: home.env })).status).toBe(0);
});

test("selftests are built out of the source and run in one guest: results of each are rows, the source is as it was", async () => {
  const selftests = join(kernel.source, "tools/testing/selftests");
  const env = { ...home.env, VM_CACHE_HOME: join(home.directory, "cache") };
  const before = readdirSync(selftests, { recursive: true });
  const words = ["kselftest:size,kcmp", "--report", "r.json", "--only", "size:*", "--only", "kcmp_test"];
  const args = ["test", "-k", kernel.build, ...words];
  const { status, stdout, stderr } = await runProgram(home.vm(...args), {
    cwd: home.directory,
    env,
  });
  expect({ status, stderr }).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("building the selftests"),
  });
  expect(stdout).toMatch(/^KERNEL +kselftest:size:get_size +kselftest:kcmp:kcmp_test\n/);
  const { cells } = readReport();
  expect(cells.map(({ verdict, run }) => [verdict, run?.guest?.number])).toEqual([
    ["passed", 1],
    ["passed", 1],
  ]);
  const [size, kcmp] = cells.map(({ run }) => run?.subtests);
  expect(size?.tests[0]?.subtests).toMatchObject([{ name: "get runtime memory use", status: "passed" }]);
  // It says its sum alone.
  expect(kcmp?.counts).toMatchObject({ passed: 3, failed: 0 });
  expect(readdirSync(selftests, { recursive: true })).toEqual(before);
  const gone = [...args.slice(0, 3), "kselftest:size,kcmp:gone"];
  const { status: refused, stderr: told } = await runProgram(home.vm(...gone), {
    cwd: home.directory,
    env,
  });
  expect({ refused, told }).toEqual({
    refused: 249,
    told: expect.stringContaining("the selftests kcmp have no program gone"),
  });
});
