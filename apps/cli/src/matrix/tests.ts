import { basename, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { readRegular } from "@vm/host-files";
import { fileCommand, numbered, shortNames, testName, type TestColumn } from "@vm/kernel-matrix";

/** The commands of `--exec` and the files, in this order; with none of them, a test that the kernel boots. */
export function readTests({
  commands,
  files,
  cwd,
}: {
  readonly commands: readonly string[];
  readonly files: readonly string[];
  readonly cwd: string;
}): TestColumn[] {
  if (commands.length + files.length === 0)
    return [{ name: "boot", command: Buffer.from("true"), file: null }];
  const paths = files.map((file) => resolve(cwd, file));
  const tests: TestColumn[] = [
    ...commands.map((text) => {
      const command = Buffer.from(text);
      return { name: testName(command), command, file: null };
    }),
    ...shortNames(paths).map((name, index) => {
      const path = paths[index] ?? "";
      return { name, command: fileCommand(readTest(path), basename(path)), file: files[index] ?? path };
    }),
  ];
  const names = numbered(tests.map(({ name }) => name));
  return tests.map((test, index) => ({ ...test, name: names[index] ?? test.name }));
}

function readTest(path: string): Buffer {
  try {
    return readRegular(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^\w+: |, .*$/g, "") : String(cause);
    throw codedError("TEST_UNREADABLE", `the test ${path} can not be read: ${reason}`, {
      hint: "What is no option is a file with commands for the guest's sh; a command itself follows --exec.",
      cause,
    });
  }
}
