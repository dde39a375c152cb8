import { spawnSync } from "node:child_process";
import { assert, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { fileCommand } from "../src/test-file.js";

/** Runs a command as the guest does: by `sh -c`. */
function run(command: Buffer, shell: readonly string[] = ["sh"]) {
  const [program = "sh", ...args] = shell;
  // No argument of Node's can hold any bytes: the shell reads them instead.
  const script = 'command=$(cat; echo .); command=${command%.}; exec "$@" -c "$command" sh';
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", program, ...args], {
    input: command,
  });
  return { status, stdout: stdout.toString("latin1"), stderr: stderr.toString("latin1") };
}

test("a file without an interpreter, or for sh, is the command as it is", () => {
  for (const text of [
    "echo hi\n",
    "#!/bin/sh\necho hi\n",
    "#! /usr/bin/env sh\necho hi\n",
    "#!\necho hi",
    "",
  ]) {
    expect(fileCommand(Buffer.from(text), "t.sh")).toEqual(Buffer.from(text));
  }
});

test("another interpreter runs the file, with its argument and the file's own name", () => {
  const python =
    "#!/usr/bin/env python3\nimport os, sys\nprint(os.path.basename(sys.argv[0]))\nsys.exit(7)\n";
  expect(run(fileCommand(Buffer.from(python), "it's a test.py"))).toEqual({
    status: 7,
    stdout: "it's a test.py\n",
    stderr: "",
  });
  const bash = "#!/bin/bash -eu\nlist=(a b c)\necho ${#list[@]} $-\nfalse\necho not here\n";
  const { status, stdout } = run(fileCommand(Buffer.from(bash), "t.sh"));
  expect(status).toBe(1);
  expect(stdout).toMatch(/^3 \w*e\w*u\w*\n$/);
});

test("what follows the interpreter is one argument, as for the kernel", () => {
  const { stdout } = run(fileCommand(Buffer.from("#!/usr/bin/printf  %s|a b \nrest\n"), "name"));
  expect(stdout).toMatch(/^\/.*\/name\|a b$/);
});

test("options of sh itself are honoured", () => {
  const { status, stdout } = run(fileCommand(Buffer.from("#!/bin/sh -e\nfalse\necho not here\n"), "t.sh"));
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
});

test.each(["dash", "bash", "busybox sh"])("any bytes reach the interpreter through %s", (shell) => {
  assert(
    property(uint8Array({ min: 1, maxLength: 60 }), (bytes) => {
      const content = Buffer.concat([Buffer.from("#!/bin/cat\n"), bytes]);
      const { stdout } = run(fileCommand(content, "x"), shell.split(" "));
      expect(Buffer.from(stdout, "latin1")).toEqual(content);
    }),
    { numRuns: 15 },
  );
});

test("a file with a NUL byte is no script", () => {
  expect(() => fileCommand(Buffer.from("\u007fELF\0"), "prog")).toThrow(
    expect.objectContaining({ code: "TEST_INVALID" }),
  );
});
