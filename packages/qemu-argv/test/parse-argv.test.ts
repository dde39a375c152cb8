import { describe, expect, test } from "vitest";
import { findUnknownFlags, parseArgv, renderArgv } from "../src/index.js";
import type { QemuOption } from "../src/index.js";
import { thrownBy } from "./error-code.js";

describe("parseArgv", () => {
  test("takes a disk image between options for what it is", () => {
    expect(parseArgv(["-boot", "d", "FILE.iso", "-no-reboot"])).toStrictEqual([
      { flag: "boot", head: "d", props: [] },
      { image: "FILE.iso" },
      { flag: "no-reboot" },
    ]);
  });

  test("undoubles commas where QEMU does, and only there", () => {
    expect(
      parseArgv(["-drive", "file=a,,b.img,if=none", "-kernel", "a,,b", "--append", "x=1,2"]),
    ).toStrictEqual([
      {
        flag: "drive",
        props: [
          ["file", "a,b.img"],
          ["if", "none"],
        ],
      },
      { flag: "kernel", value: "a,,b" },
      { flag: "append", dashes: "--", value: "x=1,2" },
    ]);
  });

  test("takes what follows -append for its argument even if it looks like a flag", () => {
    expect(parseArgv(["-append", "-S"])).toStrictEqual([{ flag: "append", value: "-S" }]);
  });

  test("keeps JSON as data if JSON.stringify writes it so, and as text otherwise", () => {
    expect(
      parseArgv([
        "-device",
        '{"driver":"e1000","id":"n"}',
        "-device",
        '{ "driver": "e1000" }',
        "-device",
        "{",
      ]),
    ).toStrictEqual([
      { flag: "device", json: { driver: "e1000", id: "n" } },
      { flag: "device", value: '{ "driver": "e1000" }' },
      { flag: "device", value: "{" },
    ]);
  });

  test("keeps JSON nested deeper than can be written", () => {
    const deep = `${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}`;
    expect(renderArgv(parseArgv(["-device", deep]))).toStrictEqual(["-device", deep]);
  });

  test("says which flag lacks its argument", () => {
    expect(thrownBy(() => parseArgv(["-m", "1G", "--append"]))).toStrictEqual({
      code: "QEMU_ARGUMENT_MISSING",
      message: "--append needs an argument, and the command line ends after it.",
      hint: "Write its argument as the next word.",
    });
  });

  test("lets an unknown flag through with what may be its argument, and can name it", () => {
    const argv = ["-enble-kvm", "-newer-flag", "x,y", "-S"];
    const options = parseArgv(argv);
    expect(options).toStrictEqual([
      { flag: "enble-kvm" },
      { flag: "newer-flag", value: "x,y" },
      { flag: "S" },
    ]);
    expect(renderArgv(options)).toStrictEqual(argv);
    expect(findUnknownFlags(options)).toStrictEqual([
      { flag: "enble-kvm", suggestion: "enable-kvm" },
      { flag: "newer-flag" },
    ]);
  });

  test("rejects an unknown flag if asked to", () => {
    expect(thrownBy(() => parseArgv(["-enble-kvm"], { unknownFlags: "reject" }))).toStrictEqual({
      code: "QEMU_FLAG_UNKNOWN",
      message: "QEMU has no flag -enble-kvm.",
      hint: "Did you mean -enable-kvm?",
    });
  });
});

describe("renderArgv", () => {
  test.each<[string, QemuOption]>([
    ["an image that begins with a dash", { image: "-x.img" }],
    ["an argument for a flag that takes none", { flag: "S", value: "x" }],
    ["a flag without its argument", { flag: "kernel" }],
    ["a flag written with its dash", { flag: "-m", value: "1G" }],
    ["a NUL", { flag: "append", value: "a\0b" }],
    ["a comma in a key", { flag: "drive", props: [["a,b", "c"]] }],
    ["a first key alone that would become the head", { flag: "device", props: [["multifunction", null]] }],
    ["a head where there is no implied key", { flag: "drive", head: "a.img", props: [] }],
    ["features without a model", { flag: "cpu", props: [["pmu", "off"]] }],
    ["a number that JSON cannot hold", { flag: "device", json: { driver: "e1000", x: Infinity } }],
    ["a comma for -cpu", { flag: "cpu", head: "max", props: [["x", "a,b"]] }],
    ["a first key that would begin JSON", { flag: "device", props: [["{a", "b"]] }],
  ])("refuses %s", (_, option) => {
    expect(thrownBy(() => renderArgv([option])).code).toBe("QEMU_OPTION_UNWRITABLE");
  });

  test("names the implied key where a head alone would be taken for a property", () => {
    expect(
      renderArgv([
        { flag: "fw_cfg", head: "a=b,c", props: [] },
        { flag: "machine", head: "a,b", props: [] },
      ]),
    ).toStrictEqual(["-fw_cfg", "name=a=b,,c", "-machine", "type=a,,b"]);
  });
});
