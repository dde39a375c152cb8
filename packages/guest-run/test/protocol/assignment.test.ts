import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { assignment } from "../../src/protocol/assignment.js";

const shells = ["dash", "bash", "busybox"];
const bytes = fc.uint8Array({ min: 1, minLength: 1, maxLength: 300 });
const awkward = fc
  .array(fc.constantFrom("'", '"', "\\", "$", "`", "\n", " ", "!", "#", "*", "~", "%", "x", "\u0081", "é"))
  .map((parts) => new Uint8Array(Buffer.from(parts.join(""))));

test.each(shells)("%s reads an assignment as the very bytes", (shell) => {
  const words = shell === "busybox" ? ["sh", "-s"] : ["-s"];
  fc.assert(
    fc.property(fc.array(fc.oneof(bytes, awkward), { minLength: 1, maxLength: 40 }), (values) => {
      const script = Buffer.concat(
        values.flatMap((value) => [
          assignment("value", value),
          Buffer.from(String.raw`printf '%s\0' "$value"`),
          Buffer.from("\n"),
        ]),
      );
      const { stdout, stderr } = spawnSync(shell, words, {
        input: script,
        env: { PATH: process.env["PATH"] },
      });
      expect(stderr.toString()).toBe("");
      expect(stdout).toEqual(Buffer.concat(values.flatMap((value) => [Buffer.from(value), Buffer.alloc(1)])));
    }),
    { numRuns: 25 },
  );
});

test("a value of 200,000 bytes arrives", () => {
  const value = Buffer.alloc(200_000, "it's ");
  const script = Buffer.concat([assignment("value", value), Buffer.from('printf %s "$value"\n')]);
  expect(spawnSync("sh", ["-s"], { input: script }).stdout).toEqual(value);
});
