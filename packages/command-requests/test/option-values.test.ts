import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseBootTimeout,
  parseCount,
  parseDuration,
  parseEnvironment,
  parseGdbEndpoint,
  parseShareRequest,
  parseShares,
} from "../src/option-values.js";
import { runRequest, type RunCaller } from "../src/run/run-request.js";

const caller: RunCaller = { env: {}, hasInput: () => true };

test.each([
  ["30", 30_000],
  ["0.5", 500],
  ["90s", 90_000],
  ["5m", 300_000],
  ["1.5h", 5_400_000],
])("a time of %s is %d ms", (text, ms) => {
  expect(parseDuration(text, "--timeout")).toBe(ms);
  expect(parseBootTimeout(text)).toBe(ms);
});

test("what is no time, number or variable is refused by the name of its option", () => {
  for (const text of ["", "0", "-1", "5 m", "5d", "1e3", "0x10", "Infinity", "9999h", "none"])
    expect(() => parseDuration(text, "--timeout")).toThrow(/^--timeout: expected a time/);
  for (const text of ["", "0", "-1", "1.5", "1e3", "1234567", "1 "])
    expect(() => parseCount(text, "-j")).toThrow(/^-j: expected a number/);
  for (const text of ["", "=x", "1A=x", "A B=x", "A-B"])
    expect(() => parseEnvironment([text], {})).toThrow(/^--env: /);
  expect(() => parseEnvironment(["NOT_THERE"], {})).toThrow("--env: there is no variable NOT_THERE here");
});

test("any text is the value of a variable, and a name alone takes the caller's", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      expect(parseEnvironment([`A=${value}`, "B"], { B: value })).toEqual({ A: value, B: value });
    }),
  );
});

test("a share is a way, or a directory with its place in the guest", () => {
  expect(parseShareRequest(["./a:/b", "9p"])).toBe("9p");
  expect(parseShares({ share: ["9p", "./a:/b/", "c d:/e:rw"], ro: ["f"], rw: ["g"] })).toEqual([
    { path: "./a", target: "/b", access: "read-only" },
    { path: "c d", target: "/e", access: "read-write" },
    { path: "f", access: "read-only" },
    { path: "g", access: "read-write" },
  ]);
  for (const text of ["a:b", ":/b", "a:/", "a:/proc", "a:/dev", "a:/b:ro:rw"])
    expect(() => parseShares({ share: [text] })).toThrow("--share: expected DIRECTORY:GUESTPATH");
  expect(() => parseShareRequest(["9p", "virtiofs"])).toThrow("two different ways");
});

test("gdb listens on a port or a socket", () => {
  expect(parseGdbEndpoint("1234")).toEqual({ kind: "port", port: 1234 });
  expect(parseGdbEndpoint("./gdb")).toEqual({ kind: "socket", path: "./gdb" });
  for (const text of ["0", "65536", "12x", "gdb", ""])
    expect(() => parseGdbEndpoint(text)).toThrow("--gdb: expected a port");
});

/** Where the command's input comes from. */
function inputOf(options: object, hasInput: boolean): unknown {
  const request = runRequest(
    undefined,
    { kernel: ".", exec: "cat", ...options },
    { env: {}, hasInput: () => hasInput },
  );
  return request.operation === "run-command" ? request.command?.input : undefined;
}

test("a command reads what its caller has, unless it is told not to", () => {
  expect(inputOf({}, true)).toBe("pipe");
  expect(inputOf({}, false)).toBe("none");
  expect(inputOf({ stdin: false }, true)).toBe("none");
  expect(inputOf({ tty: true }, false)).toBe("terminal");
});

test("a refusal has the code for wrong usage, and names the option", () => {
  expect(() => runRequest("X", { bisect: true }, caller)).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining("--bisect") }),
  );
});
