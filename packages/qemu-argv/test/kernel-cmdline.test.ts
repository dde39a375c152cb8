import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkKernelCmdlineLength, kernelCmdlineLimit } from "../src/kernel-cmdline-limit.js";
import { parseKernelCmdline, renderKernelCmdline } from "../src/kernel-cmdline.js";
import { attempt, thrownBy } from "./error-code.js";
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
    expect(parseKernelCmdline('  a  b="c d" "e f=g" \t -- --init="x y" z="" =a=b x"y z"')).toStrictEqual([
      "a",
      "b=c d",
      "e f=g",
      "--",
      "--init=x y",
      "z=",
      "=a=b",
      'x"y z"',
    ]);
  });

  test.each([
    ['say="hi"', "a quote that would close the quotes"],
    ['a"b', "a quote that nothing closes"],
    ['dyndbg="module e1000 +p"', "a value quoted by hand"],
    ["a\nb", "a newline"],
    ["a\rb", "a carriage return"],
    ["a\0b", "a NUL"],
  ])("refuses %j: %s", (parameter) => {
    expect(thrownBy(() => renderKernelCmdline([parameter])).code).toBe("KERNEL_CMDLINE_INVALID");
  });

  test("refuses a text with a quote that is never closed, or a character that the kernel would cut", () => {
    expect(thrownBy(() => parseKernelCmdline('quiet x="a b')).message).toContain("never closed");
    expect(thrownBy(() => parseKernelCmdline('a x="a b""c d" z')).message).toContain(
      `Kernel parameter 'x="a b""c d"': the kernel's parser has no way`,
    );
    expect(thrownBy(() => parseKernelCmdline("x=à")).hint).toContain("double quotes");
    expect(parseKernelCmdline('x="à"')).toStrictEqual(["x=à"]);
  });

  test("comes back from its text as it was, if it can be written at all", () => {
    let written = 0;
    const comesBack = (parameters: string[]): boolean => {
      const rendered = attempt(() => renderKernelCmdline(parameters));
      if ("code" in rendered) {
        return rendered.code === "KERNEL_CMDLINE_INVALID" && parameters.some((name) => name.includes('"'));
      }
      written += 1;
      return isDeepStrictEqual(parseKernelCmdline(rendered.value), parameters);
    };
    fc.assert(fc.property(fc.array(noLineBreak, { maxLength: 6 }), comesBack), runs);
    expect(written).toBeGreaterThan(1000);
  });

  test("whatever is read from a text can be written again", () => {
    let read = 0;
    const isWritable = (line: string): boolean => {
      const parameters = attempt(() => parseKernelCmdline(line));
      if ("code" in parameters) return parameters.code === "KERNEL_CMDLINE_INVALID";
      read += 1;
      const again = parseKernelCmdline(renderKernelCmdline(parameters.value));
      return isDeepStrictEqual(again, parameters.value);
    };
    fc.assert(fc.property(noLineBreak, isWritable), runs);
    expect(read).toBeGreaterThan(1500);
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
    const settings = { arch: "s390x", limitBytes: 4095 };
    checkKernelCmdlineLength("x".repeat(4095), settings);
    expect(thrownBy(() => checkKernelCmdlineLength("x".repeat(4096), settings)).code).toBe(
      "KERNEL_CMDLINE_TOO_LONG",
    );
  });
});
