import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseArgv } from "../src/parse-argv.js";
import { renderArgv } from "../src/render-argv.js";
import { anyArgv, anyProperties, canonicalOptions, text } from "./options.arbitrary.js";
import { codeOf } from "./error-code.js";

const runs = { numRuns: 3000 };

describe("parseArgv and renderArgv", () => {
  test("canonical data comes back from a command line as it was", () => {
    fc.assert(
      fc.property(canonicalOptions, (options) => {
        expect(parseArgv(renderArgv(options))).toStrictEqual(options);
      }),
      runs,
    );
  });

  test("any command line that parses is written again byte for byte", () => {
    let parsed = 0;
    fc.assert(
      fc.property(anyArgv, (argv) => {
        let options;
        try {
          options = parseArgv(argv);
        } catch (error) {
          expect(codeOf(error)).toBe("QEMU_ARGUMENT_MISSING");
          return;
        }
        parsed += 1;
        expect(renderArgv(options)).toStrictEqual(argv);
      }),
      runs,
    );
    expect(parsed).toBeGreaterThan(1500);
  });

  test("any properties at all are either read back with the same meaning or refused", () => {
    let written = 0;
    const flag = fc.constantFrom("drive", "device", "cpu", "msg", "compat", "smbios");
    fc.assert(
      fc.property(flag, fc.option(text, { nil: undefined }), anyProperties, (name, head, props) => {
        const option = { flag: name, ...(head === undefined ? {} : { head }), props };
        let argv;
        try {
          argv = renderArgv([option]);
        } catch (error) {
          expect(codeOf(error)).toBe("QEMU_OPTION_UNWRITABLE");
          return;
        }
        written += 1;
        expect(meaning(parseArgv(argv)[0])).toStrictEqual(meaning(option));
      }),
      runs,
    );
    expect(written).toBeGreaterThan(500);
  });
});

const impliedKeys: Record<string, string> = { drive: "file", device: "driver", cpu: "model" };

/** The properties in order, the head as one of them, without the empty elements that QEMU skips. */
function meaning(option: unknown): unknown {
  const { flag, head, props } = option as {
    flag: string;
    head?: string;
    props: (readonly [string, string | null])[];
  };
  const implied = impliedKeys[flag];
  const first = head === undefined ? [] : [implied === undefined ? [head, null] : [implied, head]];
  return [...first, ...props].filter(
    ([name, value]) => !(name === "" && value === null) && !(name === "file" && value === ""),
  );
}
