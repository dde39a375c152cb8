import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderJsonSchema } from "../../json-schema.mjs";
import { readRequest } from "../../src/index.js";
import { requestSchemas } from "../../src/request/schema.js";
import { madeRequests } from "./made-requests.js";

const operations = Object.keys(requestSchemas);

test.each(operations)("a request for %s survives JSON, with all of its fields and with none", (operation) => {
  const requests = Object.entries(madeRequests).find(([name]) => name === operation)?.[1] ?? [];
  expect(requests.length).toBeGreaterThan(0);
  for (const request of requests) {
    expect(request.operation).toBe(operation);
    expect(readRequest(JSON.stringify(request))).toEqual(request);
    expect(readRequest(JSON.parse(JSON.stringify(request)))).toEqual(request);
  }
});

const run = { operation: "run-command", kernel: { name: "." } };

test.each([
  ["", /^job: not a JSON document: /],
  ["[]", "job: expected an object, got a list"],
  [null, "job: expected an object, got null"],
  [{}, "job: operation: expected the name of one, there is none", /^There are run-vm, run-command, /],
  [
    { operation: "run-comand" },
    'job: operation: expected the name of one, got "run-comand"',
    'Did you mean "run-command"?',
  ],
  [{ operation: "__proto__" }, 'job: operation: expected the name of one, got "__proto__"'],
  [{ operation: "run-command" }, "job: kernel: expected a value, and it is missing"],
  [{ operation: "run-command", kernel: "." }, 'job: kernel: expected an object, got "."'],
  [{ operation: "run-command", kernel: { name: 3 } }, "job: kernel.name: expected a text, got 3"],
  [{ ...run, kernel: { name: "" } }, 'job: kernel.name: expected a text that is not empty, got ""'],
  [
    { ...run, kernel: { name: "a\0b" } },
    String.raw`job: kernel.name: expected a text without NUL, got "a\u0000b"`,
  ],
  [{ ...run, kernal: 1 }, "job: kernal: unknown field", 'Did you mean "kernel"?'],
  [
    { ...run, kernel: { name: ".", x: 1 } },
    "job: kernel.x: unknown field",
    "Known here: name, initrd, build, parameters, busybox, share.",
  ],
  [
    { ...run, kernel: { name: ".", build: { jobs: 2 } } },
    "job: kernel.build: expected nothing: it says how git:REVISION is built, and there is none, got an object",
  ],
  [
    { ...run, kernel: { name: "git:HEAD", build: { jobs: 0 } } },
    "job: kernel.build.jobs: expected a number from 1 on, got 0",
  ],
  [
    { ...run, kernel: { name: "git:HEAD", build: { jobs: "2" } } },
    'job: kernel.build.jobs: expected a number, got "2"',
  ],
  [{ ...run, kernel: { name: ".", initrd: "i", busybox: "b" } }, /^job: kernel\.busybox: expected nothing: /],
  [
    { ...run, kernel: { name: ".", parameters: ["a", 'x="y'] } },
    /^job: kernel\.parameters\[1\]: expected kernel /,
  ],
  [{ ...run, guest: { kind: "mini" } }, 'job: guest.kind: expected "vm", "embedded", got "mini"'],
  [
    { ...run, guest: { kind: "vm", name: "X", root: "/" } },
    "job: guest.root: unknown field",
    "Known here: kind, name, disks.",
  ],
  [
    { ...run, guest: { kind: "vm", name: "../X" }, command: { text: "true" } },
    /^job: guest\.name: expected a name /,
  ],
  [{ ...run, guest: { kind: "vm", name: "X" } }, /^job: command: expected a `text`: /],
  [
    { ...run, guest: { kind: "embedded", shares: [{ path: "/a", access: "rw" }] } },
    'job: guest.shares[0].access: expected "read-only", "read-write", got "rw"',
  ],
  [
    { ...run, command: { bootTimeoutMs: "5m" } },
    'job: command.bootTimeoutMs: expected a number of milliseconds, "none" or "usual", got "5m"',
  ],
  [{ ...run, command: { timeoutMs: 0 } }, "job: command.timeoutMs: expected a time of at least 1 ms, got 0"],
  [{ ...run, command: { timeoutMs: 2 ** 31 } }, /^job: command\.timeoutMs: expected a time of at most /],
  [
    {
      operation: "start",
      run: { operation: "run-command", kernel: { name: "." }, command: { text: "true" } },
      name: "X",
    },
    /^job: run: expected the embedded guest with no command/,
  ],
  [
    { operation: "start", run: { operation: "run-vm", vm: "X" }, name: "Y" },
    /^job: name: expected the embedded guest's name, and none for a virtual machine/,
  ],
  [
    { operation: "start", run: { operation: "run-command", kernel: { name: "." } } },
    /^job: name: expected the embedded/,
  ],
  [
    { operation: "stop", guests: [] },
    'job: guests: expected names of guests, at least one, or "all", got a list',
  ],
  [
    { operation: "stop", guests: "all", way: "at-once", timeoutMs: 5 },
    "job: timeoutMs: expected nothing: a guest that is ended at once is not waited for, got 5",
  ],
  [
    { operation: "run-cells", directory: "p", choice: { kind: "shard", shard: 3, of: 2 } },
    /^job: choice\.shard: expected /,
  ],
  [
    { operation: "qmp", guest: "X", command: "x", arguments: [] },
    "job: arguments: expected an object, got a list",
  ],
  [{ ...run, command: { environment: ["A=b"] } }, "job: command.environment: expected an object, got a list"],
  [{ ...run, command: [] }, "job: command: expected an object, got a list"],
  [{ ...run, debug: { gdb: ["x"] } }, "job: debug.gdb: expected an object, got a list"],
  [{ ...run, kernel: ["name"] }, "job: kernel: expected an object, got a list"],
  [
    { operation: "exec", guest: "X", input: "pipe" },
    'job: input: expected terminal, which a shell reads from, or a `command`, got "pipe"',
  ],
  [{ operation: "exec", guest: "X", command: [] }, /^job: command\[0\]: expected /],
  [{ operation: "exec", guest: "a/b", command: ["true"] }, /^job: guest: expected a name /],
  [{ operation: "create-snapshot", vm: "X", tag: "" }, /^job: tag: expected a text that is not empty/],
  [
    { operation: "add-disk", vm: "X", size: "10 apples" },
    /^job: size: expected a size as qemu-img writes it/,
  ],
  [
    { operation: "forward", guest: "X", ports: [{ port: 0, targetPort: 80 }] },
    "job: ports[0].port: expected a port from 1 on, got 0",
  ],
  [{ operation: "forward", guest: "X", ports: [] }, /^job: ports: expected at least one pair of ports/],
  [{ ...run, command: { input: "pipe" } }, /^job: command\.input: expected terminal, /],
  [
    { ...run, command: { failOn: ["warm"] } },
    /^job: command\.failOn\[0\]: expected "panic", "oops", .*, got "warm"$/,
  ],
  [
    { ...run, memory: "much" },
    'job: memory: expected an amount of memory as QEMU writes it, such as 2G, got "much"',
  ],
  [{ ...run, debug: { trace: [] } }, "job: debug.trace: expected at least one event, got a list"],
  [{ operation: "run-vm", vm: "X", debug: { trace: ["a:b"] } }, /^job: debug: expected nothing: /],
  [{ operation: "test", kernels: [] }, "job: kernels: expected at least one kernel, got a list"],
  [{ operation: "test", kernels: ["."], boot: { build: {} } }, /^job: boot\.build: expected nothing: /],
  [
    { operation: "test", kernels: ["."], tests: [{ command: "a", file: "b" }] },
    "job: tests[0]: expected an object with `command`, `file`, `kunit` or `kselftest`, got an object",
  ],
  [
    { operation: "install", vm: "X", installation: { fs: "ntfs" } },
    /^job: installation\.fs: expected "ext4", /,
  ],
  [
    { operation: "install", vm: "X", installation: { filesystem: "xfs" } },
    "job: installation.filesystem: unknown field",
  ],
])("%j is refused, with the field and what was expected", (json, message, hint: string | RegExp = "") => {
  const { code, ...words } = refusalOf(json);
  expect(code).toBe("REQUEST_INVALID");
  expect(words.message).toMatch(pattern(message));
  expect(words.hint).toMatch(pattern(hint));
});

/** A text stands for all of a message. */
function pattern(words: string | RegExp): RegExp {
  if (words instanceof RegExp) return words;
  return words === "" ? /^/ : new RegExp(`^${words.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}$`);
}

function refusalOf(json: unknown): { code: string; message: string; hint: string } {
  try {
    readRequest(json, { source: "job" });
  } catch (error) {
    const {
      code,
      message,
      hint = "",
    }: { code?: string; message: string; hint?: string } = error instanceof Error
      ? error
      : { message: String(error) };
    return { code: code ?? "", message, hint };
  }
  throw new Error("it was taken");
}

test("the published JSON Schema is made of the schema that requests are checked with (npm run schema)", () => {
  const published = readFileSync(new URL("../../schema/request.json", import.meta.url), "utf8");
  expect(JSON.parse(published)).toEqual(JSON.parse(renderJsonSchema(requestSchemas)));
});
