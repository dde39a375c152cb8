import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkKernelCmdlineLength, kernelCmdlineLimit } from "../src/kernel-cmdline-limit.js";
import { parseKernelCmdline, renderKernelCmdline } from "../src/kernel-cmdline.js";
import { codeOf, thrownBy } from "./error-code.js";
import { text } from "./options.arbitrary.js";

const runs = { numRuns: 3000 };
const noLineBreak = text.map((value) => value.replaceAll(/[\n\r]/g, ""));

describe("a kernel command line", () => {
  test("quotes a value with spaces, and only that", () => {
    expect(renderKernelCmdline(["root=/dev/vda1", "rw", "dyndbg=module e1000 +p", "a b", ""])).toBe(
      'root=/dev/vda1 rw dyndbg="module e1000 +p" "a b" ""',
    );
  });

  test("quotes a character whose UTF-8 holds the byte 0xA0, a space to the kernel", () => {
    expect(renderKernelCmdline(["x=à", "y=é", "z=日本", "†"])).toBe('x="à" y=é z=日本 "†"');
  });

  test("takes a text apart where the kernel does", () => {
    expect(parseKernelCmdline('  a  b="c d" "e f=g" \t -- --init="x y" z="" =a=b "')).toStrictEqual(
      ["a", "b=c d", "e f=g", "--", "--init=x y", "z=", "=a=b"].concat([]),
    );
  });

  test.each([
    ['say="hi"', "a quote that would close the quotes"],
    ['a"b', "a quote that nothing closes"],
    ["a\nb", "a newline"],
    ["a\rb", "a carriage return"],
    ["a\0b", "a NUL"],
  ])("refuses %j: %s", (parameter) => {
    expect(thrownBy(() => renderKernelCmdline([parameter])).code).toBe("KERNEL_CMDLINE_INVALID");
  });

  test("refuses a text with a quote that is never closed, or a character that the kernel would cut", () => {
    expect(thrownBy(() => parseKernelCmdline('quiet x="a b')).message).toContain("never closed");
    expect(thrownBy(() => parseKernelCmdline("x=à")).hint).toContain("double quotes");
    expect(parseKernelCmdline('x="à"')).toStrictEqual(["x=à"]);
  });

  test("comes back from its text as it was, if it can be written at all", () => {
    let written = 0;
    fc.assert(
      fc.property(fc.array(noLineBreak, { maxLength: 6 }), (parameters) => {
        let rendered;
        try {
          rendered = renderKernelCmdline(parameters);
        } catch (error) {
          expect(codeOf(error)).toBe("KERNEL_CMDLINE_INVALID");
          expect(parameters.some((parameter) => parameter.includes('"'))).toBe(true);
          return;
        }
        written += 1;
        expect(parseKernelCmdline(rendered)).toStrictEqual(parameters);
      }),
      runs,
    );
    expect(written).toBeGreaterThan(1000);
  });

  test("whatever the kernel reads from a text can be written again", () => {
    let parsed = 0;
    fc.assert(
      fc.property(noLineBreak, (line) => {
        let parameters;
        try {
          parameters = parseKernelCmdline(line);
        } catch (error) {
          expect(codeOf(error)).toBe("KERNEL_CMDLINE_INVALID");
          return;
        }
        parsed += 1;
        expect(parseKernelCmdline(renderKernelCmdline(parameters))).toStrictEqual(parameters);
      }),
      runs,
    );
    expect(parsed).toBeGreaterThan(1500);
  });
});

describe("the length of a kernel command line", () => {
  test.each([
    ["x86_64", 2047],
    ["x86", 2047],
    ["aarch64", 2047],
    ["arm64", 2047],
    ["s390x", 895],
    ["riscv64", 1023],
    ["ppc64le", 2047],
    ["arm", 1023],
    ["m68k", 255],
    ["openrisc", 511],
  ])("on %s is at most %i bytes", (arch, limit) => {
    expect(kernelCmdlineLimit(arch)).toBe(limit);
    checkKernelCmdlineLength("é".repeat((limit - 1) / 2), { arch });
    const tooLong = thrownBy(() => checkKernelCmdlineLength(`${"é".repeat((limit - 1) / 2)}xy`, { arch }));
    expect(tooLong.code).toBe("KERNEL_CMDLINE_TOO_LONG");
    expect(tooLong.message).toContain(`${limit + 1} bytes`);
  });

  test("can be given for a kernel that is configured for another", () => {
    checkKernelCmdlineLength("x".repeat(4095), { arch: "s390x", limitBytes: 4095 });
  });
});
