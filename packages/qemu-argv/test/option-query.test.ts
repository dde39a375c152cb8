import { describe, expect, test } from "vitest";
import * as qemu from "../src/index.js";
import type { QemuOption } from "../src/index.js";

const argv = [
  "-M pc -machine q35,accel=kvm:tcg,append=early -append a --append b -cpu max,pmu=off".split(" "),
  ["-device", "e1000,id=net0,netdev=n"],
  ["-device", '{ "driver": "e1000", "id": "net1", "multifunction": true }'],
  ["-blockdev", '{"driver":"raw","node-name":"disk","file":"f"}'],
  ["-drive", "readonly,file=x.img", "disk.img"],
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

  test.each([
    ["-chardev socket,id=c,path=s,server,nowait", "wait", "off"],
    ["-chardev socket,id=c,path=s,server,nodelay", "nodelay", "on"],
    ["-chardev socket,id=c,path=s,delay=on", "nodelay", "off"],
    ["-chardev socket,id=c,path=s,server,nowait", "nowait", undefined],
    ["-serial mon:unix:a,,b,server,nowait", "wait", "off"],
    ["-qmp unix:a,,b,server,nowait", "path", "a,b"],
    ["-monitor tcp:127.0.0.1:1,server,logfile=l", "server", "on"],
    ["-gdb file:a,b", "path", "a,b"],
    ["-serial stdio", "path", undefined],
    ["-drive readonly,file=a.img", "read-only", "on"],
    ["-drive noreadonly,file=a.img", "readonly", "off"],
    ["-drive file=a,iops_rd_max=9", "throttling.iops-read-max", "9"],
    ["-device e1000,id=a,id=b,mac=1,mac=2", "id", "a"],
    ["-device e1000,id=a,id=b,mac=1,mac=2", "mac", "2"],
    ["-object rng-random,id=a,id=b", "id", "a"],
    ["-audiodev none,id=a,id=b", "id", "b"],
    ["-netdev stream,id=a,id=b", "id", "b"],
    ["-netdev user,id=a,id=b", "id", "a"],
    ["-device e1000,driver=e1000e", "driver", "e1000e"],
    ["-M pc,kernel_irqchip=off", "kernel-irqchip", "off"],
    ["-cpu max,+pmu,pmu=off", "pmu", "on"],
    ["-cpu max,-pmu,+pmu", "pmu", "off"],
    ["-cpu max,pmu,kvm_pv_eoi=off", "kvm-pv-eoi", "off"],
    ["-cpu model=max", "model", "model=max"],
    ["-blockdev driver=raw,file.filename=f", "file.filename", "f"],
    ['-blockdev {"driver":"raw","file":{"filename":"f"}}', "file.filename", "f"],
    ["-device {'driver':'e1000','id':'it\\'s'}", "id", "it's"],
    ['-device {"driver":"scsi-hd","wwn":5764824127192592813}', "wwn", "5764824127192592813"],
    ['-device {"driver":"x","a":1,"a":2}', "a", undefined],
  ])("%s: %s is %s", (text, key, value) => {
    const values = qemu.parseArgv(text.split(" ")).map((option) => qemu.optionProperty(option, key));
    expect(values).toStrictEqual([value]);
  });

  test("see an accelerator wherever it is asked for", () => {
    expect(asked("-accel", "kvm", "-accel", "tcg,thread=multi")).toStrictEqual(["kvm", "tcg"]);
    expect(asked("-accel", "accel=tcg")).toStrictEqual(["tcg"]);
    expect(asked("--enable-kvm")).toStrictEqual(["kvm"]);
    expect(asked("-M", "q35,accel=kvm:tcg")).toStrictEqual(["kvm", "tcg"]);
    expect(asked("-M", "q35", "-m", "1G")).toStrictEqual([]);
    expect(asked("-enable-kvm", "-M", "pc,accel=tcg")).toStrictEqual(["tcg"]);
    expect(asked("-M", "pc,accel=tcg", "-enable-kvm", "-M", "usb=on")).toStrictEqual(["kvm"]);
    expect(asked("-machine", "accel=kvm", "-M", "accel=tcg:kvm")).toStrictEqual(["tcg", "kvm"]);
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

  test.each<[string, string, string | number | boolean, string]>([
    ["-chardev socket,id=c,server,nowait", "wait", true, "-chardev socket,id=c,server,wait=on"],
    ["-serial mon:unix:s,server,nowait", "wait", true, "-serial mon:unix:s,server,wait=on"],
    ["-qmp unix:s,server=on", "path", "a,b", "-qmp unix:a,,b,server=on"],
    ["-qmp unix:server=on,path=s", "path", "t", "-qmp unix:server=on,path=t"],
    ["-monitor tcp::1", "server", true, "-monitor tcp::1,server=on"],
    ["-serial file:l", "path", "a,b", "-serial file:a,b"],
    ["-serial file:l", "append", "on", "-serial file:l"],
    ["-drive read-only=on,file=a", "readonly", "off", "-drive readonly=off,file=a"],
    ["-device e1000,id=a,id=b", "id", "c", "-device e1000,id=c,id=b"],
    ["-audiodev none,id=a,id=b", "id", "c", "-audiodev none,id=a,id=c"],
    ["-device e1000,mac=1,mac=2", "mac", "3", "-device e1000,mac=1,mac=3"],
    ["-device e1000,", "id", "x", "-device e1000,id=x,"],
    ["-cpu max,+pmu,-pmu,x=1", "pmu", true, "-cpu max,pmu=on,x=1"],
    ["-cpu max,+pmu", "model", "host", "-cpu host,+pmu"],
    ["-M pc,kernel_irqchip=on", "kernel-irqchip", "off", "-M pc,kernel-irqchip=off"],
    ['-device {"a":true,"b":1,"c":"1","d":"on"}', "a", "off", '-device {"a":false,"b":1,"c":"1","d":"on"}'],
    ['-device {"a":true,"b":1,"c":"1","d":"on"}', "b", "2", '-device {"a":true,"b":2,"c":"1","d":"on"}'],
    ['-device {"a":true,"b":1,"c":"1","d":"on"}', "b", "1K", '-device {"a":true,"b":1024,"c":"1","d":"on"}'],
    ['-device {"a":true,"b":1,"c":"1","d":"on"}', "c", 2, '-device {"a":true,"b":1,"c":"2","d":"on"}'],
    ['-device {"a":true,"b":1,"c":"1","d":"on"}', "d", false, '-device {"a":true,"b":1,"c":"1","d":"off"}'],
    ['-device {"a":1}', "e", true, '-device {"a":1,"e":true}'],
    ['-device {"wwn":5764824127192592813}', "id", "x", '-device {"wwn":5764824127192592813,"id":"x"}'],
    ['-device {"wwn":1}', "wwn", "18446744073709551615", '-device {"wwn":18446744073709551615}'],
    ["-device {'driver':'e1000','x':1.0}", "driver", "e1000e", '-device {"driver":"e1000e","x":1.0}'],
    ['-blockdev {"file":{"filename":"f"}}', "file.filename", "g", '-blockdev {"file":{"filename":"g"}}'],
    ['-netdev {"a":[{"str":"x"}]}', "a.0.str", "y", '-netdev {"a":[{"str":"y"}]}'],
    ["-device {not JSON", "id", "x", "-device {not JSON"],
  ])("%s with %s=%s is %s", (text, key, value, expected) => {
    const [flag, argument] = [text.slice(0, text.indexOf(" ")), text.slice(text.indexOf(" ") + 1)];
    const changed = qemu.parseArgv([flag, argument]).map((option) => qemu.setProperty(option, key, value));
    expect(qemu.renderArgv(changed).join(" ")).toBe(expected);
  });
});
