import { spawnSync } from "node:child_process";
import { architectures, architectureNamed, hostArchitecture, kernelCmdlineLimit } from "@vm/qemu-argv";
import { describe, expect, test } from "vitest";
import {
  architectureOfElf,
  architectureOfVmlinux,
  findArchitecture,
  findGuest,
  isSameToolchain,
  knownArchitectures,
  runsPrograms,
} from "../src/index.js";

describe("the table of architectures", () => {
  test.each([
    ["x86_64", "x86_64", "x86", "arch/x86/boot/bzImage"],
    ["amd64", "x86_64", "x86", "arch/x86/boot/bzImage"],
    ["i686", "i386", "x86", "arch/x86/boot/bzImage"],
    ["aarch64", "arm64", "arm64", "arch/arm64/boot/Image"],
    ["armhf", "arm", "arm", "arch/arm/boot/zImage"],
    ["riscv64", "riscv", "riscv", "arch/riscv/boot/Image"],
    ["riscv32", "riscv", "riscv", "arch/riscv/boot/Image"],
    ["s390x", "s390", "s390", "arch/s390/boot/bzImage"],
    ["ppc64el", "powerpc", "powerpc", "vmlinux"],
    ["loong64", "loongarch", "loongarch", "arch/loongarch/boot/vmlinuz.efi"],
    ["mips64el", "mips", "mips", "vmlinux"],
    ["hppa", "parisc", "parisc", "vmlinux"],
  ])("%s: ARCH=%s, arch/%s, %s", (name, makeArch, directory, image) => {
    expect(findArchitecture(name)).toMatchObject({ makeArch, directory });
    expect(findArchitecture(name)?.images[0]).toBe(image);
  });

  test("no two have a name, a configuration or an ELF header in common, and each leads to its own", () => {
    const names = knownArchitectures.flatMap((facts) => [
      facts.name,
      ...facts.aliases,
      ...(architectureNamed(facts.name)?.aliases ?? []),
    ]);
    expect(new Set(names).size).toBe(names.length);
    for (const facts of knownArchitectures) {
      for (const name of [facts.name, ...facts.aliases]) expect(findArchitecture(name)).toBe(facts);
      expect(architectureOfElf(facts.elf)).toBe(facts);
      expect(architectureOfVmlinux(facts.elf)).toBe(facts);
    }
    const configs = knownArchitectures.map(({ config }) => JSON.stringify(config));
    expect(new Set(configs).size).toBe(configs.length);
    expect(findArchitecture("xtensa")).toBeUndefined();
    expect(architectureOfElf({ machine: 94, bits: 32, order: "little" })).toBeUndefined();
  });

  test("those with a machine in qemu-argv are those with guests, and both know their names", () => {
    const guests = knownArchitectures.filter(({ guest }) => guest !== null).map(({ name }) => name);
    expect(guests.toSorted()).toEqual(architectures.map(({ name }) => name).toSorted());
    for (const { name, aliases } of architectures) {
      for (const alias of aliases) expect(findArchitecture(alias)?.name).toBe(name);
      expect(findGuest(name)).toBeDefined();
      expect(findArchitecture(name)?.consoleOption).toMatch(/^CONFIG_/);
    }
  });

  test("the length of a kernel command line is known under each name and that of arch/", () => {
    // SPARC's two kernels hold different lengths, and share the directory.
    const others = knownArchitectures.filter(({ directory }) => directory !== "sparc");
    expect(others.map(({ name }) => [name, kernelCmdlineLimit(name)])).toEqual(
      others.map(({ name, directory }) => [name, kernelCmdlineLimit(directory)]),
    );
  });

  test.each([
    "arm",
    "arm64",
    "ia32",
    "loong64",
    "mips",
    "mipsel",
    "ppc64",
    "riscv64",
    "s390",
    "s390x",
    "x64",
  ])("a host that Node calls %s is one of them, and has a toolchain for its own", (nodeName) => {
    const host = hostArchitecture(nodeName);
    expect(findArchitecture(host)?.name).toBe(host);
    expect(isSameToolchain(host, host)).toBe(true);
  });

  test.each(
    knownArchitectures.flatMap(({ name, guest, elf }) =>
      guest === null ? [] : [[name, { ...guest, elf }] as const],
    ),
  )("%s: dpkg and, where it is installed, Debian's compiler agree", (_, { debian, crossCompile, elf }) => {
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
  });
});

describe("what runs where", () => {
  test("a kernel of 64 bits runs the programs of 32 bits, and none of another byte order", () => {
    expect(runsPrograms("x86_64", "i386")).toBe(true);
    expect(runsPrograms("aarch64", "arm")).toBe(true);
    expect(runsPrograms("i386", "x86_64")).toBe(false);
    expect(runsPrograms("ppc64le", "ppc64")).toBe(false);
    expect(runsPrograms("xtensa", "x86_64")).toBe(true);
  });

  test("a PC's toolchain is for 32 and for 64 bits; no other is for two", () => {
    const pairs = knownArchitectures.flatMap(({ name }) =>
      knownArchitectures
        .filter((other) => other.name < name && isSameToolchain(name, other.name))
        .map((other) => `${other.name} ${name}`),
    );
    expect(pairs).toEqual(["i386 x86_64"]);
  });

  test("a kernel of big-endian ARM or of 64-bit PA-RISC is known by its machine", () => {
    expect(architectureOfVmlinux({ machine: 40, bits: 32, order: "big" })?.name).toBe("arm");
    expect(architectureOfVmlinux({ machine: 15, bits: 64, order: "big" })?.name).toBe("hppa");
    expect(architectureOfVmlinux({ machine: 21, bits: 64, order: "little" })?.name).toBe("ppc64le");
    expect(architectureOfElf({ machine: 40, bits: 32, order: "big" })).toBeUndefined();
  });
});
