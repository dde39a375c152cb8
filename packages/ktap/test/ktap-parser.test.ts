import { expect, it } from "vitest";
import { parseKtap, type KtapReport, type KtapTest } from "../src/index.js";

/** `status name`, its subtests indented. */
function outline(report: KtapReport | null): string[] {
  const lines = ({ name, status, count, subtests }: KtapTest): string[] => [
    `${status} ${name}${count === undefined ? "" : ` (${count})`}`,
    ...subtests.flatMap(lines).map((line) => `  ${line}`),
  ];
  return report?.tests.flatMap(lines) ?? ["no KTAP"];
}

it("reads nested tests, and each directive", () => {
  const report = parseKtap(`KTAP version 1
1..7
  KTAP version 1
  # Subtest: suite
  1..2
  # one: a word on it
  ok 1 one
    KTAP version 1
    ok 1 deep # rcode=0
  ok 2 - two
ok 1 suite
ok 2 skip # SKIP no hardware
not ok 3 todo # TODO later
ok 4 xfail # XFAIL known
ok 5 slow # TIMEOUT 45 seconds
not ok 6 C# and \\# too # ERROR setup
ok 7 # SKIP its name is behind the directive
`);
  expect(outline(report)).toEqual([
    "passed suite",
    "  passed one",
    "  passed two",
    "    passed deep",
    "skipped skip",
    "expected-failure todo",
    "expected-failure xfail",
    "failed slow",
    "failed C# and # too",
    "skipped its name is behind the directive",
  ]);
  const [suite, skipped] = report?.tests ?? [];
  expect(suite?.subtests[0]?.diagnostics).toEqual(["# one: a word on it"]);
  expect(suite?.subtests[1]?.subtests[0]?.reason).toBe("rcode=0");
  expect(skipped?.reason).toBe("no hardware");
  expect(report).toMatchObject({ verdict: "failed", problems: [], version: "KTAP version 1" });
});

it("reads the tests that kselftest nests behind #, and not those that it only quotes", () => {
  const report = parseKtap(`TAP version 13
1..2
# timeout set to 45
# selftests: size: get_size
# TAP version 13
# ok 1 get runtime memory use
# # System runtime memory report (units in Kilobytes):
# 1..1
ok 1 selftests: size: get_size
# selftests: a: script.sh
# ok 1 was said by somebody
not ok 2 selftests: a: script.sh # exit=1
`);
  expect(outline(report)).toEqual([
    "passed selftests: size: get_size",
    "  passed get runtime memory use",
    "failed selftests: a: script.sh",
  ]);
  expect(report?.tests[1]?.diagnostics.at(-1)).toBe("# ok 1 was said by somebody");
});

it("reads KUnit's results on the console of a kernel, and not what others write there", () => {
  const console = `[    0.1] Booting
[    0.200000][    T1] KTAP version 1
[    0.200000][    T1] 1..1
[    0.200000][    T1]     KTAP version 1
[    0.200000][    T1]     # Subtest: list
[    0.200000][    T1]     1..2
[    0.300000][    T1]     ok 1 first
not ok 2 written by a program
[    0.300000][    T9] virtio_blk virtio1: a message between
half a line of a program[    0.400000][    T1]     ok 2 second
[    0.400000][    T1] ok 1 list
`;
  expect(outline(parseKtap(console.replaceAll("\n", "\r\n")))).toEqual([
    "passed list",
    "  passed first",
    "  passed second",
  ]);
});

it("a panic in the middle: what ran counts, the one that was running is named, the others were not run", () => {
  const report = parseKtap(
    `KTAP version 1
1..3
    KTAP version 1
    # Subtest: one
    1..1
    ok 1 a
ok 1 one
    KTAP version 1
    # Subtest: two
    1..4
    ok 1 b
    # c: initializing
    Kernel panic - not syncing: no`,
    { ending: "cut" },
  );
  expect(outline(report)).toEqual([
    "passed one",
    "  passed a",
    "unfinished two",
    "  passed b",
    "  unfinished c",
    "  not-run tests 3 to 4 (2)",
    "not-run test 3",
  ]);
  expect(report?.counts).toMatchObject({ passed: 2, unfinished: 1, "not-run": 3 });
  expect(report?.verdict).toBe("failed");
});

it("the kselftest that was running is named by its header", () => {
  const report = parseKtap(
    "TAP version 13\n1..2\nok 1 selftests: a: b\n# selftests: a: crash\n# TAP version 13\n",
    {
      ending: "cut",
    },
  );
  expect(outline(report).slice(1)).toEqual(["unfinished selftests: a: crash", "  unfinished test 1"]);
});

it.each([
  ["a plan that was not kept", "TAP version 13\n1..3\nok 1 a\n", "failed"],
  ["a plan behind the results", "TAP version 13\nok 1 a\nok 2 b\n1..2\n", "passed"],
  ["a result that was lost", "TAP version 13\nok 1 a\nok 3 c\n", "failed"],
  ["a result that was lost, with a late plan", "TAP version 13\nok 4 d\n1..4\n", "failed"],
  ["no test", "TAP version 13\n1..0\n", "failed"],
  ["no test and no plan", "TAP version 13\n", "failed"],
  ["all skipped", "1..0 # SKIP no such device\n", "skipped"],
  ["skipped one by one", "TAP version 13\n1..1\nok 1 a # SKIP\n", "skipped"],
  ["a bail out", "TAP version 13\nok 1 a\nBail out! no disk\n", "failed"],
  [
    "a subtest that failed below one that passed",
    "TAP version 13\n  TAP version 13\n  not ok 1 a\nok 1 b\n",
    "failed",
  ],
  [
    "one that lacks a subtest of its plan",
    "TAP version 13\n  TAP version 13\n  1..2\n  ok 1 a\nok 1 b\n",
    "failed",
  ],
  ["results without numbers", "TAP version 13\nok - a\nnot ok - b\n", "failed"],
  ["two outputs in a row", "TAP version 13\n1..1\nok 1 a\nTAP version 13\n1..1\nok 1 b\n", "passed"],
])("%s", (_, text, verdict) => {
  expect(parseKtap(text, { header: "optional" })?.verdict).toBe(verdict);
});

it("without a version line there are no results, unless the header is optional", () => {
  const text = "ok 1 is what I say\nok 2 again\n";
  expect(parseKtap(text)).toBeNull();
  expect(parseKtap("KTAP version 1 is what I read\n")).toBeNull();
  expect(parseKtap(text, { header: "optional" })?.counts.passed).toBe(2);
  expect(parseKtap("nothing\n", { header: "optional" })).toBeNull();
});

it("an output without a plan that is cut has one that was running", () => {
  const text = "TAP version 13\nok 1 a\n";
  expect(parseKtap(text)?.verdict).toBe("passed");
  expect(outline(parseKtap(text, { ending: "cut" }))).toEqual(["passed a", "unfinished test 2"]);
});

it("a hostile output takes bounded memory, and is no success", () => {
  const deep = Array.from({ length: 3000 }, (_, depth) => `${" ".repeat(depth)}TAP version 13\n`).join("");
  expect(parseKtap(deep, { ending: "cut" })?.verdict).toBe("failed");
  expect(parseKtap(`TAP version 13\n1..999999999\nok 1 a\n`)?.tests).toHaveLength(3);
  expect(parseKtap(`TAP version 13\nok 999999999 a\n`)?.verdict).toBe("failed");
  expect(parseKtap(`TAP version 13\n${"x".repeat(5_000_000)}\nok 1 a\n`)?.verdict).toBe("passed");
});

it("100,000 subtests in a few hundred bytes each", () => {
  const lines = Array.from(
    { length: 100_000 },
    (_, index) => `# test_${index}: begins\nok ${index + 1} test_${index}\n`,
  );
  const before = process.memoryUsage().heapUsed;
  const report = parseKtap(`KTAP version 1\n1..100000\n${lines.join("")}`);
  expect(report?.counts.passed).toBe(100_000);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
});

/** Of a program that says no lines. */
function summed(totals: string): string {
  return `TAP version 13
1..1
# selftests: kcmp: kcmp_test
# TAP version 13
# 1..3
# PASS: 0 returned as expected
# # Totals: ${totals}
ok 1 selftests: kcmp: kcmp_test
# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:0
`;
}

it("takes the sum of a program that counts its tests without a line for each, where it is that of its plan", () => {
  const all = parseKtap(summed("pass:3 fail:0 xfail:0 xpass:0 skip:0 error:0"));
  expect(outline(all)).toEqual([
    "passed selftests: kcmp: kcmp_test",
    "  passed tests with no line of their own (3)",
  ]);
  expect(all).toMatchObject({ verdict: "passed", problems: [], counts: { passed: 3 } });
  const some = parseKtap(summed("pass:1 fail:1 xfail:0 xpass:0 skip:1 error:0"));
  expect(some).toMatchObject({ verdict: "failed", counts: { passed: 1, failed: 1, skipped: 1 } });
  const wrong = [
    "pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0",
    "pass:4 fail:0 xfail:0 xpass:0 skip:0 error:0",
    "pass:3",
    "pass:3 fail:0 xfail:0 xpass:0 skip:0 error:0\n# # Totals: pass:3 fail:0 xfail:0 xpass:0 skip:0 error:0",
  ].map((totals) => parseKtap(summed(totals)));
  for (const other of wrong) {
    expect(other).toMatchObject({ verdict: "failed", counts: { passed: 0, "not-run": 2 } });
    expect(outline(other)[1]).toBe("  unfinished test 1");
  }
});

function partlySummed(totals: string): string {
  return `TAP version 13\n1..3\nok 1 one\nnot ok 2 two\n# Totals: ${totals} xfail:0 xpass:0 skip:0 error:0\n`;
}

it("takes a sum for what the lines lack, and not where it tells less than they", () => {
  expect(outline(parseKtap(partlySummed("pass:2 fail:1")))).toEqual([
    "passed one",
    "failed two",
    "passed a test with no line of its own",
  ]);
  expect(parseKtap(partlySummed("pass:3 fail:0"))).toMatchObject({
    counts: { unfinished: 1 },
    verdict: "failed",
  });
  expect(parseKtap(partlySummed("pass:1 fail:2"))).toMatchObject({
    counts: { failed: 2 },
    verdict: "failed",
  });
});

it("finds a result behind other text on its line, where one is missing", () => {
  const lines = ["TAP version 13", "1..4", "ok 1 one", "Diff too high: 28 ns..not ok 2 two", "ok 3 three"];
  const report = parseKtap([...lines, "wait... ok 4 four # SKIP none", ""].join("\n"));
  expect(outline(report)).toEqual(["passed one", "failed two", "passed three", "skipped four"]);
  expect(report?.tests[1]?.diagnostics).toEqual(["Diff too high: 28 ns.."]);
  expect(report?.problems).toEqual([]);
  const nested = parseKtap(
    `TAP version 13\n1..1\n${[...lines, "x: ok 4 four"].map((line) => `# ${line}\n`).join("")}not ok 1 whole # exit=1\n`,
  );
  expect(outline(nested).slice(1)).toEqual([
    "  passed one",
    "  failed two",
    "  passed three",
    "  passed four",
  ]);
});

it("takes no words for a result where none is missing, and none that passed of an output that was cut", () => {
  const text = "TAP version 13\n1..2\nit says ok 1 one\nok 1 one\nit is not ok 2 two\nnot ok 2 two\n";
  expect(outline(parseKtap(text))).toEqual(["passed one", "failed two"]);
  const cut = "TAP version 13\n1..2\nok 1 one\nis it ok 2 two\n";
  expect(outline(parseKtap(cut, { ending: "cut" }))).toEqual(["passed one", "unfinished test 2"]);
  const worse = cut.replace("is it", "is it not");
  expect(outline(parseKtap(worse, { ending: "cut" }))).toEqual(["passed one", "failed two"]);
  const other = "TAP version 13\n1..3\nok 1 one\nbook 2 two\nis ok 22 two\nit-ok 2 two\nok 3 three\n";
  expect(parseKtap(other)).toMatchObject({ verdict: "failed", counts: { "not-run": 1 } });
});
