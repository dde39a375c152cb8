import { expect, test } from "vitest";
import { configFingerprint } from "../src/kernel-identity.js";
import { chosenTests, globForm } from "../src/test-choice.js";

const tests = ["kselftest:timers/posix_timers", "a.sh", "uname -r"].map((name) => ({
  name,
  command: Buffer.from(name),
  file: null,
}));

function fitting(pattern: string): string[] {
  return tests.map(({ name }) => name).filter(globForm(pattern));
}

test("a pattern fits all of a name, or what is behind a colon or slash", () => {
  expect(fitting("posix_timers")).toEqual(["kselftest:timers/posix_timers"]);
  expect(fitting("timers/*")).toEqual(["kselftest:timers/posix_timers"]);
  expect(fitting("timers")).toEqual([]);
  expect(fitting("?.sh")).toEqual(["a.sh"]);
  expect(fitting("a-sh")).toEqual([]);
  expect(fitting("*")).toHaveLength(3);
  expect(globForm("a[b")("a[b")).toBe(true);
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
