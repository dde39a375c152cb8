import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import {
  architectureNamed,
  architectureOfElf,
  architectures,
  hasKvmFor,
  hostArchitecture,
  kernelCmdlineLimit,
  machineOf,
  missingMachine,
  parseArgv,
  renderArgv,
  runsPrograms,
  startsKernel,
  virtfsShareOn,
  virtioSerialBus,
} from "../src/index.js";

describe("the table of architectures", () => {
  test.each([
    ["x86_64", "x86_64", "q35", "ttyS0", "pci", "x86_64"],
    ["i386", "i386", "q35", "ttyS0", "pci", "i386"],
    ["aarch64", "aarch64", "virt,gic-version=max", "ttyAMA0", "pci", "arm64"],
    ["arm", "arm", "virt,highmem=off", "ttyAMA0", "pci", "arm"],
    ["riscv64", "riscv64", "virt", "ttyS0", "pci", "riscv"],
    ["s390x", "s390x", "s390-ccw-virtio", "ttysclp0", "ccw", "s390"],
    [
      "ppc64le",
      "ppc64",
      "pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off",
      "hvc0",
      "pci",
      "powerpc",
    ],
  ])("%s: qemu-system-%s -machine %s, console %s, virtio on %s, ARCH=%s", (name, ...row) => {
    const facts = architectureNamed(name);
    const machine = machineOf(name);
    expect([
      facts?.qemu,
      machine === undefined ? "" : renderArgv([machine])[1],
      facts?.console,
      facts?.virtioBus,
      facts?.makeArch,
    ]).toEqual(row);
  });

  test("no two have a name in common, and every name leads to its own", () => {
    const names = architectures.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const facts of architectures) {
      for (const name of [facts.name, ...facts.aliases]) expect(architectureNamed(name)).toBe(facts);
      expect(architectureOfElf(facts.elf)).toBe(facts.name);
      expect(kernelCmdlineLimit(facts.name)).toBe(kernelCmdlineLimit(facts.makeArch));
    }
    expect(architectureNamed("xtensa")).toBeUndefined();
    expect(architectureOfElf({ machine: 94, bits: 32, order: "little" })).toBeUndefined();
  });

  test.each(architectures.map((facts) => [facts.name, facts] as const))(
    "%s: dpkg and, where it is installed, Debian's compiler agree",
    (_, { debian, crossCompile, elf }) => {
      const table = spawnSync("dpkg-architecture", ["-a", debian, "-q", "DEB_HOST_GNU_TYPE"], {
        encoding: "utf8",
      });
      expect(crossCompile).toContain(`${table.stdout.trim()}-`);
      const bits = spawnSync("dpkg-architecture", ["-a", debian, "-q", "DEB_HOST_ARCH_BITS"], {
        encoding: "utf8",
      });
      const order = spawnSync("dpkg-architecture", ["-a", debian, "-q", "DEB_HOST_ARCH_ENDIAN"], {
        encoding: "utf8",
      });
      expect([bits.stdout.trim(), order.stdout.trim()]).toEqual([String(elf.bits), elf.order]);
    },
  );

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

  test("a kernel of 64 bits runs the programs of 32 bits, and none of another byte order", () => {
    expect(runsPrograms("x86_64", "i386")).toBe(true);
    expect(runsPrograms("aarch64", "arm")).toBe(true);
    expect(runsPrograms("i386", "x86_64")).toBe(false);
    expect(runsPrograms("ppc64le", "ppc64")).toBe(false);
    expect(runsPrograms("xtensa", "x86_64")).toBe(true);
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
