import { describe, expect, test } from "vitest";
import * as qemu from "../src/index.js";
import type { QemuOption } from "../src/index.js";

const argv = [
  "-M pc -machine q35,accel=kvm:tcg,append=early -append a --append b -cpu max,pmu=off".split(" "),
  ["-device", "e1000,id=net0,netdev=n"],
  ["-device", '{ "driver": "e1000", "id": "net1", "multifunction": true }'],
  ["-blockdev", '{"driver":"raw","node-name":"disk","file":"f"}'],
  ["-drive", "x.img,readonly", "disk.img"],
].flat();
const options = qemu.parseArgv(argv);

function asked(...words: string[]): string[] {
  return qemu.requestedAccelerators(qemu.parseArgv(words));
}

function set(words: string[], key: string, value: string): string[] {
  return qemu.renderArgv(qemu.parseArgv(words).map((option) => qemu.setProperty(option, key, value)));
}

describe("queries", () => {
  test("find options by flag, under either name and with either dash", () => {
    expect(qemu.findOptions(options, { flag: "machine" })).toHaveLength(2);
    expect(qemu.findOption(options, { flag: "append" })).toStrictEqual({
      flag: "append",
      dashes: "--",
      value: "b",
    });
    expect(qemu.hasOption(options, { flag: "kernel" })).toBe(false);
  });

  test("find options by id, in properties, in JSON however spelt, and by node name", () => {
    expect(qemu.findOptions(options, { id: "net0" })).toHaveLength(1);
    expect(qemu.findOptions(options, { id: "net1", flag: "device" })).toHaveLength(1);
    expect(qemu.findOption(options, { id: "disk" })).toMatchObject({ flag: "blockdev" });
    expect(qemu.hasOption(options, { id: "net0", flag: "drive" })).toBe(false);
  });

  test("read properties: the head, a key alone, a JSON value", () => {
    const drive = qemu.findOption(options, { flag: "drive" })!;
    expect([qemu.optionProperty(drive, "file"), qemu.optionProperty(drive, "readonly")]).toStrictEqual([
      "x.img",
      "on",
    ]);
    const json = qemu.findOption(options, { id: "net1" })!;
    expect(qemu.optionProperty(json, "multifunction")).toBe("true");
    expect(qemu.optionProperty(json, "toString")).toBeUndefined();
    expect(qemu.optionProperty({ image: "x" }, "id")).toBeUndefined();
  });

  test("see an accelerator wherever it is asked for", () => {
    expect(asked("-accel", "kvm", "-accel", "tcg,thread=multi")).toStrictEqual(["kvm", "tcg"]);
    expect(asked("-accel", "accel=tcg")).toStrictEqual(["tcg"]);
    expect(asked("--enable-kvm")).toStrictEqual(["kvm"]);
    expect(asked("-M", "q35,accel=kvm:tcg")).toStrictEqual(["kvm", "tcg"]);
    expect(asked("-M", "q35", "-m", "1G")).toStrictEqual([]);
  });

  test("see what is booted directly, the last of each, and the CPU model", () => {
    expect(qemu.requestedBoot(options)).toStrictEqual({ append: "b" });
    expect(qemu.requestedBoot(qemu.parseArgv(["-kernel", "a", "-M", "q35,kernel=b,,c"]))).toStrictEqual({
      kernel: "b,c",
    });
    expect(qemu.requestedCpu(options)).toBe("max");
    expect(qemu.requestedCpu([])).toBeUndefined();
  });
});

describe("edits", () => {
  const id = { id: "net0" };
  const other: QemuOption = { flag: "S" };

  test("leave the given options as they are", () => {
    const before = JSON.stringify(options);
    qemu.removeOptions(options, id);
    qemu.replaceOption(options, id, other);
    qemu.mapOptions(options, {}, (option) => qemu.setProperty(option, "id", "x"));
    expect(JSON.stringify(options)).toBe(before);
  });

  test("remove, append and replace", () => {
    expect(qemu.hasOption(qemu.removeOptions(options, { flag: "append" }), { flag: "append" })).toBe(false);
    expect(qemu.appendOptions([other], other, other)).toStrictEqual([other, other, other]);
    expect(qemu.replaceOption(options, { flag: "append" }, other)).toStrictEqual(
      options.flatMap((option, index) => (index === 2 ? [other] : index === 3 ? [] : [option])),
    );
    expect(qemu.replaceOption([other], { flag: "append" }, qemu.append("x"))).toStrictEqual([
      other,
      { flag: "append", value: "x" },
    ]);
  });

  test("set a property in its place, in the head, at the end, and in JSON", () => {
    expect(set(["-device", "e1000,id=a,mac=b"], "id", "c,d")).toStrictEqual([
      "-device",
      "e1000,id=c,,d,mac=b",
    ]);
    expect(set(["-M", "pc,hpet=off"], "type", "q35")).toStrictEqual(["-M", "q35,hpet=off"]);
    expect(set(["-netdev", "user,id=n"], "restrict", "on")).toStrictEqual([
      "-netdev",
      "user,id=n,restrict=on",
    ]);
    expect(set(["--device", '{ "driver":"e1000" }'], "id", "x")).toStrictEqual([
      "--device",
      '{"driver":"e1000","id":"x"}',
    ]);
    expect(set(["-S", "-kernel", "k", "disk.img"], "id", "x")).toStrictEqual([
      "-S",
      "-kernel",
      "k",
      "disk.img",
    ]);
  });
});
