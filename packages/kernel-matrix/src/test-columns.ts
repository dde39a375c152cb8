import { basename, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { readRegular } from "@vm/host-files";
import type { InstalledSelftests, TestRequest } from "@vm/operations";
import type { TestColumn } from "./result.js";
import { numbered, shortNames } from "./row-names.js";
import { kunitColumn } from "./kunit-column.js";
import { selftestColumns } from "./selftest-columns.js";
import { fileCommand } from "./test-file.js";
import { testName } from "./test-name.js";

/**
 * The tests of a request, in its order, with names; with none of them, a test that the kernel boots.
 *
 * @param installed the selftests that the request names, once they are built
 * @throws `TEST_UNREADABLE`, `SELFTESTS_UNKNOWN`
 */
export function testColumns(
  tests: NonNullable<TestRequest["tests"]>,
  cwd: string,
  installed?: InstalledSelftests,
): TestColumn[] {
  if (tests.length === 0) return [{ name: "boot", command: Buffer.from("true"), file: null }];
  const paths = tests.flatMap((test) => ("file" in test ? [resolve(cwd, test.file)] : []));
  const fileNames = shortNames(paths);
  let nextFile = 0;
  const columns = tests.flatMap((test): TestColumn | TestColumn[] => {
    if ("command" in test) {
      const command = Buffer.from(test.command);
      return { name: testName(command), command, file: null };
    }
    if ("kselftest" in test) return selftestColumns(test.kselftest, installed);
    if ("kunit" in test) return kunitColumn(test.kunit);
    const path = paths[nextFile] ?? "";
    const name = fileNames[nextFile] ?? path;
    nextFile += 1;
    return { name, command: fileCommand(readTest(path), basename(path)), file: test.file };
  });
  const names = numbered(columns.map(({ name }) => name));
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

function readTest(path: string): Buffer {
  try {
    return readRegular(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^\w+: |, .*$/g, "") : String(cause);
    throw codedError("TEST_UNREADABLE", `the test ${path} cannot be read: ${reason}`, {
      hint: "What is no option is a file with commands for the guest's sh; a command itself follows --exec.",
      cause,
    });
  }
}
