import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { INSTALL_OPTIONS } from "../src/index.js";
import { checkOptions } from "../src/option-check.js";
import { renderSchema } from "../src/schema.js";

const file = new URL("../schema/installation.schema.json", import.meta.url).pathname;

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false;
}

/** As much of JSON Schema as ours says; an unknown keyword would be missed, so the last test names them all. */
function accepts(schema: Schema, value: unknown): boolean {
  if (schema.anyOf !== undefined) return schema.anyOf.some((each) => accepts(each, value));
  if ("const" in schema) return value === schema.const;
  switch (schema.type ?? "anything") {
    case "string":
      return (
        typeof value === "string" &&
        (schema.enum?.includes(value) ?? true) &&
        (schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value))
      );
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return Array.isArray(value) && value.every((each) => accepts(schema.items ?? {}, each));
    case "object":
      return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        Object.entries(value).every(([key, each]) => {
          const property = schema.properties?.[key];
          return property !== undefined && accepts(property, each);
        })
      );
    default:
      return true;
  }
}

test("the published schema is the one that the options give (npm run schema writes it)", () => {
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(renderSchema()));
});

const value = fc.oneof(
  fc.constantFrom("testvm", "a b", "", "/dev/vda", "ext4", "ext3", "gpt", "uefi", "none", "http://a/$repo"),
  fc.constantFrom("UTC", "Europe/Berlin", "$6$salt$hash", "me", "root\n", "a\u0000", "mkfs.ext4 -q"),
  fc.constantFrom(true, false, null, 1),
  fc.array(fc.constantFrom("a", "https://a/b", "x y", "me", "C.UTF-8", 1), { maxLength: 2 }),
  fc.string(),
);

test("the schema takes what the checks take, and refuses what they refuse", () => {
  const schema: Schema = JSON.parse(readFileSync(file, "utf8"));
  const keys = [...INSTALL_OPTIONS.map(({ key }) => key), "unknown"];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 2 }), (config) => {
      expect(isTaken(config)).toBe(accepts(schema, config));
    }),
    { numRuns: 2000 },
  );
});

function isTaken(config: unknown): boolean {
  try {
    checkOptions(config, "test");
    return true;
  } catch {
    return false;
  }
}

test("the schema says nothing that the test above does not look at", () => {
  const words = new Set<string>();
  JSON.parse(readFileSync(file, "utf8"), (key, each: unknown) => {
    if (/^[$a-zA-Z]+$/.test(key) && !INSTALL_OPTIONS.some((option) => option.key === key)) words.add(key);
    return each;
  });
  expect([...words].toSorted()).toEqual(
    [
      "$schema",
      "additionalProperties",
      "anyOf",
      "const",
      "default",
      "description",
      "enum",
      "items",
      "pattern",
    ].concat(["properties", "title", "type"]),
  );
});
