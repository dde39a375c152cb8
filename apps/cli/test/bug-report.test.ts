import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findBug as findBugOf, renderBugReport } from "@vm/operations/failure";
import { sandbox } from "./vm.js";

const findBug = (error: unknown): Error | undefined => findBugOf(error, join(import.meta.dirname, ".."));

/** A fault in `vm list`: what it sorts the names with throws, as if it were called wrongly. */
function breakList(root: string, thrown: string): Readonly<Record<string, string>> {
  const file = join(root, "break.cjs");
  writeFileSync(
    file,
    `const real = Array.prototype.toSorted;
     Array.prototype.toSorted = function broken() {
       Array.prototype.toSorted = real;
       const error = ${thrown};
       Error.captureStackTrace(error, broken);
       throw error;
     };`,
  );
  mkdirSync(join(root, "tmp"));
  mkdirSync(join(root, "vms"));
  return {
    NODE_OPTIONS: `--require ${JSON.stringify(file)}`,
    TMPDIR: join(root, "tmp"),
    TOKEN: "env-secret",
  };
}

test("a bug of ours says what to report, in a file that has nothing of the person's", async () => {
  const { root, vmWith } = sandbox();
  const env = breakList(root, `new TypeError("no order in " + process.env.HOME + "/vms")`);
  const { code, stdout, stderr } = await vmWith(env, "list", "--json");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  const [first, hint] = stderr.split("\n");
  expect(first).toMatch(/^vm: .*\/vms: cannot list the VMs: no order in .*\/vms$/);
  const [, file = ""] =
    /^vm: {3}This is a bug of vm\. Please report it with (.*), which has /.exec(hint ?? "") ?? [];
  const text = readFileSync(file, "utf8");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(text).toMatch(
    /^vm \d+\.\d+\.\d+ \(.*\), Node v\d+.*\nvm list --json\nTypeError: no order in \.\.\.\/vms\n/,
  );
  expect(text).toMatch(/\n +at .*bin\/[\w-]+\.cjs:\d+/);
  for (const secret of ["env-secret", root, homedir()]) expect(text).not.toContain(secret);
});

test("where no file can be made, what to report is printed", async () => {
  const { root, vmWith } = sandbox();
  const env = { ...breakList(root, `new TypeError("no order")`), TMPDIR: join(root, "nowhere") };
  const { code, stderr } = await vmWith(env, "list");
  expect(code).toBe(1);
  expect(stderr).toMatch(/report it with these lines:\nvm: vm \d+\.\d+\.\d+ \(.*\), Node /);
  expect(stderr).toMatch(/\nvm: +at /);
});

test("an error with a code is no bug", async () => {
  const { root, vmWith } = sandbox();
  const env = breakList(root, `Object.assign(new Error("the disk is full"), { code: "ENOSPC" })`);
  const { stderr } = await vmWith(env, "list");
  expect(stderr).toMatch(/cannot list the VMs: the disk is full\nvm: {3}Set VM_HOME to a directory that/);
});

test("a bug, one behind an error with a code, and what only looks like one", () => {
  const bug = new TypeError("x is undefined");
  expect(findBug(bug)).toBe(bug);
  expect(findBug(Object.assign(new TypeError("misused"), { code: "ERR_INVALID_ARG_TYPE" }))).toBeDefined();
  expect(findBug(Object.assign(new Error("cannot"), { code: "VM_X", cause: bug }))).toBe(bug);
  expect(
    findBug(Object.assign(new Error("cannot"), { code: "VM_X", cause: new Error("404") })),
  ).toBeUndefined();
  expect(
    findBug(Object.assign(new Error("no address"), { code: "VM_X", cause: invalidUrl() })),
  ).toBeUndefined();
  const ofConfiguration = new TypeError("y is undefined");
  ofConfiguration.stack = `TypeError: y is undefined\n    at file:///home/me/vm.mjs:1:1\n${bug.stack}`;
  expect(findBug(ofConfiguration)).toBeUndefined();
  expect(findBug("thrown text")).toBeUndefined();
});

function invalidUrl(): unknown {
  try {
    return new URL("no address");
  } catch (error) {
    return error;
  }
}

test("of what was typed a report has the names of the options alone", () => {
  const words = [
    "run",
    "TopSecret",
    "-k",
    "/home/me/next",
    "--exec=curl hidden.example",
    "-n",
    "-mhuge",
    "--",
    "-S",
  ];
  const stack =
    'SyntaxError: Unexpected token "pass"word" at /home/me/next: curl hidden.example\n    at x (bin/vm.cjs:1:2)';
  expect(renderBugReport({ versions: "vm 1", words, stack, secrets: ["/home/me", "root"] })).toBe(
    `vm 1
vm run ... -k ... --exec=... -n ... -- -S
SyntaxError: Unexpected token "..." at ...: ...
    at x (bin/vm.cjs:1:2)
`,
  );
});
