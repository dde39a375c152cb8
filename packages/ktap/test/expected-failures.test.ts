import { expect, test } from "vitest";
import { expectFailures, parseKtap, type KtapReport } from "../src/index.js";

function report(text: string): KtapReport {
  const found = parseKtap(text);
  if (found === null) throw new Error("no results");
  return found;
}

const nested = `KTAP version 1
1..2
    KTAP version 1
    1..2
    not ok 1 inner
    ok 2 other
not ok 1 outer
ok 2 last
`;

test("what is expected to fail is told so, with those it is part of, and all is counted anew", () => {
  const found = expectFailures(report(nested), (path) => (path.join("/") === "outer/inner" ? "known" : null));
  expect(found).toMatchObject({
    verdict: "passed",
    counts: { passed: 2, failed: 0, "expected-failure": 1 },
    tests: [
      {
        status: "expected-failure",
        subtests: [{ status: "expected-failure", directive: "XFAIL", reason: "known" }, { status: "passed" }],
      },
      { status: "passed" },
    ],
  });
});

test("a test that failed for what is not expected stays as it is, as does one that did not end", () => {
  const text = nested.replace("ok 2 other", "not ok 2 other");
  const found = expectFailures(report(text), (path) => (path.at(-1) === "inner" ? "known" : null));
  expect(found).toMatchObject({ verdict: "failed", counts: { failed: 1, "expected-failure": 1 } });
  expect(found?.tests[0]).toMatchObject({ status: "failed" });
  expect(expectFailures(report(nested), () => null)).toBeNull();
  const cut = report("KTAP version 1\n1..3\nok 1 a\n");
  expect(expectFailures(cut, () => "known")).toBeNull();
});

test("an output that gave up is no success", () => {
  const found = expectFailures(report(`${nested}Bail out! no memory\n`), () => "known");
  expect(found).toMatchObject({ verdict: "failed", counts: { failed: 0 } });
});
