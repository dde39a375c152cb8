import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromPlainText, toPlainText } from "../../src/cells/plain-data.js";

const leaf = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.date({ noInvalidDate: true }),
);
const name = fc.string().filter((text) => !text.startsWith("$") && text !== "__proto__");

test("plain data comes back as it was, bytes, times and large numbers too", () => {
  const data = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(data, (value) => {
      expect(fromPlainText(toPlainText(value))).toEqual(value);
    }),
  );
});

test.each([
  ["a number that JSON has not", Number.NaN],
  ["a function", { run: () => {} }],
  ["an object of a class", new Map([["a", 1]])],
  ["a field that could be a mark", { $bytes: "AA==" }],
])("%s is refused, and not quietly changed", (_, value) => {
  expect(() => toPlainText({ deep: [value] })).toThrow(TypeError);
});

test("a field that is undefined is absent", () => {
  expect(fromPlainText(toPlainText({ a: undefined, b: 1 }))).toEqual({ b: 1 });
});
