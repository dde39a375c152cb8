import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import {
  architectureNamed,
  architectures,
  hasKvmFor,
  hostArchitecture,
  machineOf,
  missingMachine,
  parseArgv,
  renderArgv,
  startsKernel,
  virtfsShareOn,
  virtioSerialBus,
  virtioTransportOf,
} from "../src/index.js";

describe("the table of architectures", () => {
  test.each([
    ["x86_64", "x86_64", "q35", "ttyS0", "pci"],
    ["i386", "i386", "q35", "ttyS0", "pci"],
    ["aarch64", "aarch64", "virt,gic-version=max", "ttyAMA0", "pci"],
    ["arm", "arm", "virt,highmem=off", "ttyAMA0", "pci"],
    ["riscv64", "riscv64", "virt", "ttyS0", "pci"],
    ["s390x", "s390x", "s390-ccw-virtio", "ttysclp0", "ccw"],
    [
      "ppc64le",
      "ppc64",
      "pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off",
      "hvc0",
      "pci",
    ],
  ])("%s: qemu-system-%s -machine %s, console %s, virtio on %s", (name, ...row) => {
    const facts = architectureNamed(name);
    const machine = machineOf(name);
    expect([
      facts?.qemu,
      machine === undefined ? "" : renderArgv([machine])[1],
      facts?.console,
      facts?.virtioBus,
    ]).toEqual(row);
  });

  test("no two have a name in common, and every name leads to its own", () => {
    const names = architectures.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const facts of architectures) {
      for (const name of [facts.name, ...facts.aliases]) expect(architectureNamed(name)).toBe(facts);
    }
    expect(architectureNamed("xtensa")).toBeUndefined();
  });

  test("this machine is one of them, under the name that uname has", () => {
    const { stdout } = spawnSync("uname", ["-m"], { encoding: "utf8" });
    expect(hostArchitecture(process.arch)).toBe(architectureNamed(stdout.trim())?.name);
    expect(hostArchitecture("ppc64")).toBe("ppc64le");
    expect(hostArchitecture("mips")).toBe("mips");
  });
});

describe("what runs where", () => {
  test("KVM runs the host's own architecture, and a 32-bit PC on a 64-bit one; no 32-bit ARM on a 64-bit one", () => {
    const pairs = [...architectures, { name: "loongarch64" }].flatMap(({ name: guest }) =>
      [...architectures, { name: "loongarch64" }]
        .filter(({ name: host }) => hasKvmFor(guest, host))
        .map(({ name: host }) => `${guest} on ${host}`),
    );
    expect(pairs).toEqual([
      "x86_64 on x86_64",
      "i386 on x86_64",
      "i386 on i386",
      "aarch64 on aarch64",
      "riscv64 on riscv64",
      "s390x on s390x",
      "ppc64le on ppc64le",
      "ppc64le on ppc64",
      "ppc64 on ppc64le",
      "ppc64 on ppc64",
      "loongarch64 on loongarch64",
    ]);
  });

  test("QEMU for a PC of 64 bits starts a kernel of 32 bits; the one for ARM does not", () => {
    expect(startsKernel("x86_64", "i386")).toBe(true);
    expect(startsKernel("i386", "x86_64")).toBe(false);
    expect(startsKernel("ppc64", "ppc64le")).toBe(true);
    expect(startsKernel("aarch64", "arm")).toBe(false);
    expect(startsKernel("xtensa", "xtensa")).toBe(true);
  });
});

describe("the machine of a command line", () => {
  test("is added only where QEMU has none of its own, and the person named none", () => {
    expect(missing("x86_64")).toBe("");
    expect(missing("s390x")).toBe("");
    expect(missing("aarch64", "-m", "2G")).toBe("-machine virt,gic-version=max");
    expect(missing("riscv64", "-machine", "accel=tcg")).toBe("-machine virt");
    expect(missing("arm", "-M", "vexpress-a15")).toBe("");
    expect(missing("aarch64", "-machine", "type=sbsa-ref")).toBe("");
    expect(missing("xtensa")).toBe("");
  });
});

const share = {
  id: "modules",
  path: "/a,b",
  mountTag: "modules",
  access: "read-only",
  multidevs: "remap",
} as const;

test("a share is -virtfs on PCI, and has a device of its own on the channels of s390x", () => {
  expect(renderArgv(virtfsShareOn("pci", share))).toEqual([
    "-virtfs",
    "local,id=modules,path=/a,,b,mount_tag=modules,security_model=none,readonly=on,multidevs=remap",
  ]);
  expect(renderArgv(virtfsShareOn("ccw", share))).toEqual([
    "-fsdev",
    "local,id=modules,path=/a,,b,security_model=none,readonly=on,multidevs=remap",
    "-device",
    "virtio-9p-ccw,fsdev=modules,mount_tag=modules",
  ]);
});

test.each(architectures.filter(({ name }) => ["x86_64", "i386", "aarch64", "arm"].includes(name)))(
  "QEMU for $name takes its machine, CPU and devices",
  ({ name, qemu, emulatedCpu, devices, virtioBus }) => {
    const machine = machineOf(name);
    const cpu = [emulatedCpu?.model, ...(emulatedCpu?.features ?? []).map((pair) => pair.join("="))];
    const options = [
      ...(machine === undefined ? [] : [machine]),
      ...virtfsShareOn(virtioBus, { ...share, path: "/" }),
      virtioSerialBus("ports", { on: virtioBus, props: [["max_ports", "6"]] }),
      ...parseArgv(devices.flatMap((device) => ["-device", device])),
    ];
    const quiet = [
      "-nodefaults",
      "-display",
      "none",
      "-m",
      "128M",
      "-S",
      "-serial",
      "null",
      "-monitor",
      "stdio",
    ];
    const { status, stderr } = spawnSync(
      `qemu-system-${qemu}`,
      ["-accel", "tcg", "-cpu", cpu.join(","), ...renderArgv(options), ...quiet],
      { input: "quit\n", encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  },
);

function missing(arch: string, ...argv: string[]): string {
  return renderArgv(missingMachine(arch, parseArgv(argv))).join(" ");
}

test.each([
  ["x86_64", [], "pci"],
  ["x86_64", ["-M", "pc"], "pci"],
  ["x86_64", ["-machine", "pc-q35-7.2,hpet=off"], "pci"],
  ["x86_64", ["-M", "q35", "-machine", "accel=tcg"], "pci"],
  ["x86_64", ["-M", "microvm"], "device"],
  ["x86_64", ["-M", "q35", "-M", "isapc"], undefined],
  ["x86_64", ["-M", "none"], undefined],
  ["aarch64", ["-M", "virt-7.2"], "pci"],
  ["aarch64", ["-M", "raspi3b"], undefined],
  ["s390x", [], "ccw"],
  ["sparc64", [], undefined],
])("a virtio device of %s with %j is reached by %s", (arch, words, transport) => {
  expect(virtioTransportOf(arch, parseArgv(words))).toBe(transport);
});

test.each(["q35", "pc", "microvm"])("QEMU takes such a device in %s", (type) => {
  const transport = virtioTransportOf("x86_64", parseArgv(["-M", type]));
  const words = ["-M", type, "-accel", "tcg", "-display", "none", "-nodefaults", "-S", "-monitor", "stdio"];
  const { status, stderr } = spawnSync(
    "qemu-system-x86_64",
    [
      ...words,
      "-device",
      `virtio-serial-${transport},id=bus`,
      "-device",
      "virtserialport,bus=bus.0,nr=1,name=n",
    ],
    { input: "quit\n", encoding: "utf8" },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
