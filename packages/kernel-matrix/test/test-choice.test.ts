import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { configFingerprint } from "../src/kernel-identity.js";
import { namePattern } from "../src/name-pattern.js";
import { chosenTests } from "../src/test-choice.js";

const tests = ["kselftest:timers/posix_timers", "a.sh", "uname -r"].map((name) => ({
  name,
  command: Buffer.from(name),
  file: null,
}));

function fitting(pattern: string): string[] {
  return tests.map(({ name }) => name).filter(namePattern(pattern));
}

test("a pattern fits all of a name, or what is behind a colon or slash", () => {
  expect(fitting("posix_timers")).toEqual(["kselftest:timers/posix_timers"]);
  expect(fitting("timers/*")).toEqual(["kselftest:timers/posix_timers"]);
  expect(fitting("timers")).toEqual([]);
  expect(fitting("?.sh")).toEqual(["a.sh"]);
  expect(fitting("a-sh")).toEqual([]);
  expect(fitting("*")).toHaveLength(3);
  expect(namePattern("a[b")("a[b")).toBe(true);
});

test("a pattern fits what a regular expression would, and many stars make it no slower", () => {
  assert(
    property(
      array(constantFrom("a", "b", "*", "?"), { maxLength: 8 }),
      array(constantFrom("a", "b"), { maxLength: 8 }),
      (pattern, name) => {
        const text = pattern.map((each) => (each === "*" ? ".*" : each === "?" ? "." : each)).join("");
        expect(namePattern(pattern.join(""))(name.join(""))).toBe(
          new RegExp(`^${text}$`).test(name.join("")),
        );
      },
    ),
  );
  // A regular expression would not end.
  expect(namePattern(`${"*a".repeat(40)}b`)(`${"a".repeat(5000)}c`)).toBe(false);
  expect(namePattern(`${"*a".repeat(40)}?`)("a".repeat(5000))).toBe(true);
  expect(namePattern("timers: rtcpie")("run.sh / selftests: timers: rtcpie")).toBe(true);
  expect(namePattern("two")("b.sh / two")).toBe(true);
  expect(namePattern("?")("x: \u{1f600}")).toBe(true);
});

test("a pattern that fits nothing is an error: it would be a run of something else", () => {
  expect(chosenTests(tests, ["a.sh", "uname*"]).map(({ name }) => name)).toEqual(["a.sh", "uname -r"]);
  expect(() => chosenTests(tests, ["a.sh", "b.sh"])).toThrow('no test has a name that "b.sh" fits');
});

test("a configuration is the same whatever its comments and order", () => {
  const one = "#\n# Linux/x86 7.2.0\n#\nCONFIG_A=y\n# CONFIG_B is not set\n";
  const other = "# Linux/x86 7.2.1\n# CONFIG_B is not set\nCONFIG_A=y\n";
  expect(configFingerprint(one)).toBe(configFingerprint(other));
  expect(configFingerprint(one)).not.toBe(configFingerprint(one.replace("=y", "=m")));
});
