import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { KernelOptions } from "../../src/index.js";
import { checkConfig, resolveKernel } from "../../src/index.js";
import { scanOptions } from "../../src/needs/config-file.js";
import { nearestNames } from "@vm/command-plan";
import { makeTree, temporaryDirectory, x86Config } from "../made-up-tree.js";

const good: KernelOptions = {
  CONFIG_VIRTIO_PCI: "y",
  CONFIG_NET_9P: "y",
  CONFIG_NET_9P_VIRTIO: "y",
  CONFIG_9P_FS: "y",
  CONFIG_TMPFS: "y",
};

function build(options: KernelOptions, release = "6.1.0") {
  return { arch: "x86_64", modules: "built", options, release } as const;
}

describe("checkConfig", () => {
  test("finds nothing wrong with a configuration that has what the modules need", () => {
    expect(checkConfig(build(good), ["modules"])).toEqual([]);
  });

  test("names the exact option that is missing, or a module too late to be loaded, once", () => {
    const { CONFIG_9P_FS: _, ...rest }: KernelOptions = { ...good, CONFIG_NET_9P_VIRTIO: "m" };
    const warnings = checkConfig(build(rest), ["modules", "embedded"]);
    expect(
      warnings.filter(({ option }) => option?.includes("9P")).map(({ code, option }) => [code, option]),
    ).toEqual([
      ["CONFIG_IS_MODULE", "CONFIG_NET_9P_VIRTIO"],
      ["CONFIG_NOT_SET", "CONFIG_9P_FS"],
    ]);
    expect(warnings.find(({ option }) => option === "CONFIG_9P_FS")?.message).toContain(
      "shares of files from the host",
    );
  });

  test("asks for the PCI bus of the machine virt on ARM and RISC-V, and for channels in its place on s390x", () => {
    const missing = (["aarch64", "riscv64", "s390x", "ppc64le"] as const).map((arch) =>
      checkConfig({ ...build(good), arch }, ["modules"]).map(({ option }) => option),
    );
    expect(missing).toEqual([
      ["CONFIG_PCI_HOST_GENERIC"],
      ["CONFIG_PCI_HOST_GENERIC"],
      ["CONFIG_S390_GUEST"],
      [],
    ]);
  });

  test("accepts a module where an initramfs may bring it along", () => {
    const options = { ...good, CONFIG_NET_9P_VIRTIO: "m", CONFIG_BLK_DEV_INITRD: "y" };
    expect(checkConfig(build(options), ["modules"], { initramfs: "/boot/initrd.img" })).toEqual([]);
  });

  test("wants a kernel that can start from an initramfs where one is given, or would help", () => {
    const options = { ...good, CONFIG_NET_9P_VIRTIO: "m", CONFIG_DEVTMPFS: "y" };
    const missing = (initramfs?: string) =>
      checkConfig(build(options), ["modules"], initramfs === undefined ? {} : { initramfs }).map(
        ({ code, option }) => `${option} ${code}`,
      );
    expect(missing("/boot/initrd.img")).toEqual(["CONFIG_BLK_DEV_INITRD CONFIG_NOT_SET"]);
    expect(missing()).toEqual([
      "CONFIG_NET_9P_VIRTIO CONFIG_IS_MODULE",
      "CONFIG_BLK_DEV_INITRD CONFIG_NOT_SET",
      "CONFIG_BINFMT_ELF CONFIG_NOT_SET",
      "CONFIG_BINFMT_SCRIPT CONFIG_NOT_SET",
      "CONFIG_PROC_FS CONFIG_NOT_SET",
    ]);
  });

  test("takes no module for what can only be built in", () => {
    const options = { ...good, CONFIG_TMPFS: "m" };
    expect(checkConfig(build(options), ["modules"])).toMatchObject([
      { code: "CONFIG_NOT_SET", option: "CONFIG_TMPFS" },
    ]);
  });

  test("says what to set for debug information in kernels before 5.18, and since", () => {
    const hints = ["5.17.3", "5.18.0", ""].map(
      (release) => checkConfig({ ...build(good), release }, ["gdb"])[0]?.hint,
    );
    expect(hints[0]).toContain("Set CONFIG_DEBUG_INFO=y:");
    expect(hints[1]).toContain("It comes with CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT:");
    expect(hints[2]).toBe(hints[1]);
  });

  test("asks for an overlay in the embedded guest and for virtio ports where a command is run", () => {
    const missing = checkConfig(build(good), ["embedded", "command"]).map(({ option }) => option);
    expect(missing).toContain("CONFIG_OVERLAY_FS");
    expect(missing).toContain("CONFIG_VIRTIO_CONSOLE");
  });

  test("warns of forced signatures only when modules are shared", () => {
    const options = { ...good, CONFIG_MODULE_SIG_FORCE: "y" };
    expect(checkConfig(build(options), ["modules"]).map(({ code }) => code)).toEqual([
      "MODULE_SIGNATURES_FORCED",
    ]);
    expect(checkConfig(build(options), ["disk"]).map(({ code }) => code)).not.toContain(
      "MODULE_SIGNATURES_FORCED",
    );
    expect(checkConfig({ ...build(options), modules: "unsupported" }, ["modules"])).toEqual([]);
  });

  test.each([
    ["6.8.12", 0],
    ["6.9.0-rc1", 1],
    ["6.9", 1],
    ["6.10.3-arch1", 1],
    ["6.11.11", 1],
    ["6.12.0", 0],
    ["6.1.0", 0],
    ["6.110.0", 0],
  ])("knows whether 9p works in Linux %s", (release, count) => {
    expect(checkConfig(build(good, release), ["modules"])).toHaveLength(count);
  });

  test("reads what it needs from a real .config through resolveKernel", async () => {
    const config = x86Config.replace("CONFIG_9P_FS=y", "# CONFIG_9P_FS is not set");
    const tree = makeTree(join(temporaryDirectory(), "linux"), { config });
    expect(
      checkConfig(await resolveKernel(tree, { cwd: "/" }), ["modules"]).map(({ option }) => option),
    ).toEqual(["CONFIG_9P_FS"]);
  });
});

describe("scanOptions", () => {
  test("reads whole names only, and the last value of one set twice", () => {
    const text =
      'CONFIG_NET=y\nCONFIG_NET_9P=m\n# CONFIG_X is not set\nCONFIG_NAME="a=b"\nCONFIG_NET=m\n#CONFIG_X=y\n';
    expect(scanOptions(text, ["CONFIG_NET", "CONFIG_X", "CONFIG_NAME"])).toEqual({
      CONFIG_NET: "m",
      CONFIG_NAME: '"a=b"',
    });
  });
});

describe("nearestNames", () => {
  test("knows a swap of two letters, a missing one, and a beginning", () => {
    expect(nearestNames("lniux", ["linux", "bisect"])).toEqual(["linux"]);
    expect(nearestNames("bisct", ["linux", "bisect"])).toEqual(["bisect"]);
    expect(nearestNames("net", ["net-next-2026", "linux"])).toEqual(["net-next-2026"]);
    expect(nearestNames("zzzzzz", ["linux"])).toEqual([]);
  });
});
