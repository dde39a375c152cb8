import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig, readFragments } from "../src/index.js";
import { configLine } from "../src/config-text.js";
import { temporaryDirectory, writeFiles } from "./made-up-source.js";

function read(files: Readonly<Record<string, string>>, names: readonly string[], arch?: string) {
  const cwd = writeFiles(temporaryDirectory(), files);
  const lookup = { cwd, configs: join(cwd, "configs"), ...(arch === undefined ? {} : { arch }) };
  return readFragments(names, lookup).map(({ option, value, strength }) => `${option}=${value} ${strength}`);
}

describe("readFragments", () => {
  test("of an option set twice the last one counts, in one file, in two, and in an included one", () => {
    const files = {
      one: 'CONFIG_A=y\nCONFIG_B=m\ninclude "dir/three"\n# CONFIG_A is not set\n',
      two: "CONFIG_B=y\n",
      "dir/three": 'CONFIG_A=m\nCONFIG_C="text"\ninclude "four"\n',
      "dir/four": "CONFIG_D=0x10\n",
    };
    expect(read(files, ["one", "two"])).toEqual([
      'CONFIG_C="text" required',
      "CONFIG_D=0x10 required",
      "CONFIG_A=n required",
      "CONFIG_B=y required",
    ]);
  });

  test("options between silent and endsilent are not insisted upon, unless they are set outside as well", () => {
    const files = {
      f: "CONFIG_A=y\nsilent\nCONFIG_B=y\nCONFIG_C=y\nendsilent\nCONFIG_C=y\nCONFIG_D=y\n",
    };
    expect(read(files, ["f"])).toEqual([
      "CONFIG_A=y required",
      "CONFIG_B=y if-possible",
      "CONFIG_C=y required",
      "CONFIG_D=y required",
    ]);
  });

  test("a comment may stand behind an option, and a # in a string is none", () => {
    const files = { f: '# about it\n\n  CONFIG_A=y # why\nCONFIG_B="a # b \\" c"  # and why\nCONFIG_C=n\n' };
    expect(read(files, ["f"])).toEqual([
      "CONFIG_A=y required",
      'CONFIG_B="a # b \\" c" required',
      "CONFIG_C=n required",
    ]);
  });

  test("the companion for the architecture is read right after its fragment, and no other one", () => {
    const files = {
      "configs/qemu.fragment": "CONFIG_A=y\nCONFIG_B=y\n",
      "configs/qemu.arm64.fragment": "CONFIG_B=m\n",
      "configs/qemu.x86_64.fragment": "CONFIG_B=n\n",
      "configs/top.fragment": 'include "qemu.fragment"\n',
    };
    expect(read(files, ["qemu"], "arm64")).toEqual(["CONFIG_A=y required", "CONFIG_B=m required"]);
    expect(read(files, ["top"], "x86_64")).toEqual(["CONFIG_A=y required", "CONFIG_B=n required"]);
    expect(read(files, ["qemu"])).toEqual(["CONFIG_A=y required", "CONFIG_B=y required"]);
  });

  test("a file of the working directory comes before a name in the directory of fragments", () => {
    const files = { qemu: "CONFIG_HERE=y\n", "configs/qemu.fragment": "CONFIG_THERE=y\n" };
    expect(read(files, ["qemu"])).toEqual(["CONFIG_HERE=y required"]);
    expect(read(files, ["qemu.fragment"])).toEqual(["CONFIG_THERE=y required"]);
  });

  test.each([
    ["CONFIG_A\n", /f:1: .*found `CONFIG_A`/],
    ["CONFIG_A=y\nA=y\n", /f:2: /],
    ["CONFIG_A=yes\n", /f:1: /],
    ["CONFIG_A=\n", /f:1: /],
    ['CONFIG_A="open\n', /f:1: /],
    ["include f\n", /f:1: /],
    ["silent\nCONFIG_A=y\n", /f:1: .*`silent` has no `endsilent`/],
    ["endsilent\n", /f:1: .*no `silent` before it/],
    ["silent\nsilent\nendsilent\n", /f:2: .*`silent` again/],
  ])("%j is refused with its line", (text, message) => {
    expect(() => read({ f: text }, ["f"])).toThrow(
      expect.objectContaining({ code: "FRAGMENT_SYNTAX", message: expect.stringMatching(message) }),
    );
  });

  test("what is not there, and what includes itself, is named", () => {
    expect(() => read({}, ["nothing"])).toThrow(expect.objectContaining({ code: "FRAGMENT_NOT_FOUND" }));
    expect(() => read({ f: '\ninclude "gone"\n' }, ["f"])).toThrow(
      expect.objectContaining({
        code: "FRAGMENT_NOT_FOUND",
        message: expect.stringMatching(/f:2: there is no .*gone/),
      }),
    );
    expect(() => read({ f: 'include "g"\n', g: 'include "f"\n' }, ["f"])).toThrow(
      expect.objectContaining({ code: "FRAGMENT_INCLUDE_LOOP" }),
    );
  });

  test("reads what a .config says as parseConfig does", () => {
    const value = fc.oneof(
      fc.constantFrom("y", "m", "n", "0x1F", "-3", "128"),
      fc.string().map((text) => JSON.stringify(text.replaceAll(/[^ -~]/g, ""))),
    );
    const options = fc.dictionary(fc.stringMatching(/^CONFIG_[A-Z0-9_]{1,8}$/), value, { minKeys: 1 });
    const cwd = temporaryDirectory();
    fc.assert(
      fc.property(options, (values) => {
        const text = Object.entries(values)
          .map(([option, setTo]) => `${configLine(option, setTo)}\n`)
          .join("");
        writeFiles(cwd, { f: text });
        const wanted = readFragments(["f"], { cwd }).map((want) => [want.option, want.value]);
        expect(Object.fromEntries(wanted)).toEqual(values);
        expect(Object.fromEntries(parseConfig(text))).toEqual(values);
      }),
      { numRuns: 200 },
    );
  });
});
