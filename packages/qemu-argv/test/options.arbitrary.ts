import * as fc from "fast-check";
import type { JsonOption, Property, QemuOption } from "../src/option.js";
import { jsonFlags, keyvalFlags, propertyFlags, switchFlags, valueFlags } from "../src/flag-table.js";

/** Text without NUL, rich in what separates and quotes. */
export const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from("ab,=:{}\"' \\-/.éà日😀\n")) }),
  fc.string({ unit: "binary" }).map((value) => value.replaceAll("\0", "")),
);

const dashes = fc.constantFrom({}, { dashes: "--" as const });
const key = text.map((value) => value.replaceAll(/[,=]/g, ""));
const property: fc.Arbitrary<Property> = fc.tuple(key, fc.option(text, { nil: null }));

export const anyProperties = fc.array(fc.tuple(text, fc.option(text, { nil: null })), { maxLength: 5 });

function isCanonical(flag: string, head: string | undefined, props: readonly Property[]): boolean {
  const implied = propertyFlags[flag] !== null;
  if (flag === "cpu") {
    // All before the first comma is the model; every comma separates.
    if (head === undefined) return props.length === 0;
    if (head === "" && props.length === 0) return false;
    return !head.includes(",") && props.every(([, value]) => !(value ?? "").includes(","));
  }
  const first = head ?? props[0]?.[0] ?? "";
  if (jsonFlags.includes(flag) && first.startsWith("{")) return false;
  if (!implied && head !== undefined) return false;
  if (implied && head === undefined && props[0]?.[1] === null) return false;
  if (head === "" && props.length === 0) return false;
  if (head !== undefined && /^[^,]*=/.test(head)) return false;
  if (!implied && props.length === 1 && props[0]?.[0] === "" && props[0][1] === null) return false;
  // Here a head ends at its first comma, even a doubled one.
  const isKeyval = keyvalFlags.includes(flag);
  if (isKeyval && head?.includes(",") === true) return false;
  return props.every(([name, value], index) => {
    const afterValue = index === 0 ? head !== undefined && !isKeyval : props[index - 1]?.[1] !== null;
    return name !== "" || value !== null || !afterValue || index === props.length - 1;
  });
}

const propertyOption: fc.Arbitrary<QemuOption> = fc
  .tuple(
    fc.constantFrom(...Object.keys(propertyFlags)),
    dashes,
    fc.option(text, { nil: undefined }),
    fc.array(property, { maxLength: 5 }),
  )
  .filter(([flag, , head, props]) => isCanonical(flag, head, props))
  .map(([flag, dash, head, props]) => ({ flag, ...dash, ...(head === undefined ? {} : { head }), props }));

const jsonOption: fc.Arbitrary<QemuOption> = fc
  .tuple(fc.constantFrom(...jsonFlags), dashes, fc.dictionary(text, fc.jsonValue({ depthSize: "small" })))
  .map(([flag, dash, json]) => ({
    flag,
    ...dash,
    json: throughJson(json),
  }));

/** Data in the form that `parseArgv` gives back. */
export const canonicalOptions: fc.Arbitrary<QemuOption[]> = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom(...switchFlags), dashes).map(([flag, dash]) => ({ flag, ...dash })),
    fc
      .tuple(fc.constantFrom(...valueFlags), dashes, text)
      .map(([flag, dash, value]) => ({ flag, ...dash, value })),
    propertyOption,
    jsonOption,
    text.filter((value) => !value.startsWith("-")).map((image) => ({ image })),
  ),
  { maxLength: 8 },
);

const everyFlag = [...switchFlags, ...valueFlags, ...Object.keys(propertyFlags)];

/** Any command line at all: flags with and without arguments, unknown flags, images, JSON of any spelling. */
export const anyArgv: fc.Arbitrary<string[]> = fc.array(
  fc.oneof(
    fc.constantFrom(...everyFlag).map((flag) => `-${flag}`),
    fc.constantFrom(...everyFlag).map((flag) => `--${flag}`),
    fc.constantFrom(...jsonFlags).map((flag) => `-${flag}`),
    fc.json(),
    fc.dictionary(text, fc.jsonValue()).map((value) => JSON.stringify(value)),
    fc.dictionary(text, fc.jsonValue()).map((value) => JSON.stringify(value, null, 1)),
    fc.array(fc.tuple(text, text)).map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join(",")),
    text,
    text.map((value) => `-${value}`),
  ),
  { maxLength: 12 },
);

/** What is left after JSON.stringify: it writes -0 as 0. */
function throughJson(value: unknown): JsonOption["json"] {
  const parsed: JsonOption["json"] = JSON.parse(JSON.stringify(value));
  return parsed;
}
