import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Property, QemuOption } from "../src/option.js";
import { parseArgv } from "../src/parse-argv.js";
import { renderArgv } from "../src/render-argv.js";
import { attempt } from "./error-code.js";
import { anyArgv, anyProperties, canonicalOptions, text } from "./options.arbitrary.js";

const runs = { numRuns: 3000 };

describe("parseArgv and renderArgv", () => {
  test("canonical data comes back from a command line as it was", () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(canonicalOptions, (options) => {
        expect(parseArgv(renderArgv(options))).toStrictEqual(options);
      }),
      runs,
    );
  });

  test("any command line that parses is written again byte for byte", () => {
    let parsed = 0;
    const comesBack = (argv: string[]): boolean => {
      const options = attempt(() => parseArgv(argv));
      if ("code" in options) return options.code === "QEMU_ARGUMENT_MISSING";
      parsed += 1;
      return isDeepStrictEqual(renderArgv(options.value), argv);
    };
    fc.assert(fc.property(anyArgv, comesBack), runs);
    expect(parsed).toBeGreaterThan(1500);
  });

  test("any properties at all are either read back with the same meaning or refused", () => {
    let written = 0;
    const flags = fc.constantFrom("drive", "device", "machine", "cpu", "msg", "compat", "smbios");
    const heads = fc.option(text, { nil: undefined });
    const keepsMeaning = (flag: string, head: string | undefined, props: Property[]): boolean => {
      const option = { flag, ...(head === undefined ? {} : { head }), props };
      const argv = attempt(() => renderArgv([option]));
      if ("code" in argv) return argv.code === "QEMU_OPTION_UNWRITABLE";
      written += 1;
      return isDeepStrictEqual(parseArgv(argv.value).map(meaning), [meaning(option)]);
    };
    fc.assert(fc.property(flags, heads, anyProperties, keepsMeaning), runs);
    expect(written).toBeGreaterThan(500);
  });
});

const impliedKeys: Record<string, string> = { device: "driver", machine: "type", cpu: "model" };

/** The properties in order, the head as one of them, without the empty elements that QEMU skips. */
function meaning(option: QemuOption): readonly Property[] | undefined {
  if (!("props" in option)) return undefined;
  const implied = impliedKeys[option.flag];
  const { head } = option;
  const first: Property[] =
    head === undefined ? [] : [implied === undefined ? [head, null] : [implied, head]];
  return [...first, ...option.props].filter(([name, value]) => name !== "" || value !== null);
}
