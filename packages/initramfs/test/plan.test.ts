import { expect, test } from "vitest";
import { type BootNeeds, moduleIndex, planInitramfs } from "../src/index.js";

const embedded: BootNeeds = { root: "9p", drivers: ["virtio-console", "overlay"] };
const options = ["VIRTIO_PCI", "NET_9P", "NET_9P_VIRTIO", "9P_FS", "VIRTIO_CONSOLE", "OVERLAY_FS"] as const;
const own = ["BLK_DEV_INITRD", "BINFMT_ELF", "BINFMT_SCRIPT", "DEVTMPFS", "PROC_FS"];
const dep = ["virtio_pci", "9pnet", "9pnet_virtio", "9p", "virtio_console", "overlay"]
  .map((name) => `kernel/${name}.ko:`)
  .join("\n");

function config(values: { readonly [option: string]: "y" | "m" }): string {
  const all = { ...Object.fromEntries(own.map((option) => [option, "y"])), ...values };
  return [
    "#",
    "# Linux",
    "#",
    ...Object.entries(all).map(([option, value]) => `CONFIG_${option}=${value}`),
    "",
  ].join("\n");
}

function every(value: "y" | "m"): { [option: string]: "y" | "m" } {
  return Object.fromEntries(options.map((option) => [option, value]));
}

test("with everything built in there is no initramfs", () => {
  expect(planInitramfs({ arch: "x86_64", config: config(every("y")) }, embedded)).toEqual({ needed: false });
});

test("a kernel of which nothing is known is taken to have it", () => {
  expect(planInitramfs({ arch: "x86_64" }, embedded)).toEqual({ needed: false });
});

test("modules.builtin is believed without a configuration", () => {
  const builtin = dep.replaceAll(":", "");
  expect(planInitramfs({ arch: "x86_64", index: moduleIndex({ dep: "", builtin }) }, embedded)).toEqual({
    needed: false,
  });
});

test("modules are loaded, and only those", () => {
  const index = moduleIndex({ dep });
  const plan = planInitramfs(
    { arch: "x86_64", config: config({ ...every("y"), OVERLAY_FS: "m" }), index },
    embedded,
  );
  expect(plan).toEqual({
    needed: true,
    modules: [{ name: "overlay", path: "kernel/overlay.ko", use: "wanted" }],
    missing: [],
  });
});

test.each(options)("CONFIG_%s off is named, and nothing else", (option) => {
  const { [option]: _, ...rest } = every("y");
  const plan = planInitramfs(
    { arch: "x86_64", config: config(rest), index: moduleIndex({ dep: "" }) },
    embedded,
  );
  expect(plan).toMatchObject({
    needed: true,
    modules: [],
    missing: [{ option: `CONFIG_${option}`, reason: "off" }],
  });
});

test.each(options)("CONFIG_%s=m without its module is named as not built", (option) => {
  const plan = planInitramfs({ arch: "x86_64", config: config({ ...every("y"), [option]: "m" }) }, embedded);
  expect(plan).toMatchObject({
    needed: true,
    missing: [{ option: `CONFIG_${option}`, reason: "not-built" }],
  });
});

test.each(own)("CONFIG_%s off is named when there are modules to load", (option) => {
  const text = config(every("m")).replace(`CONFIG_${option}=y`, `# CONFIG_${option} is not set`);
  const index = moduleIndex({ dep });
  expect(planInitramfs({ arch: "x86_64", config: text, index }, embedded)).toMatchObject({
    missing: [{ option: `CONFIG_${option}`, reason: "off" }],
  });
  expect(planInitramfs({ arch: "x86_64", config: text.replaceAll("=m", "=y"), index }, embedded)).toEqual({
    needed: false,
  });
});

test("an option whose name is the end of another one is not taken for it", () => {
  const text = `${config({ ...every("y") }).replace("CONFIG_9P_FS=y\n", "")}OTHER_CONFIG_9P_FS=y\n`;
  expect(planInitramfs({ arch: "x86_64", config: text }, embedded)).toMatchObject({
    missing: [{ option: "CONFIG_9P_FS" }],
  });
});

test("each root wants its own drivers", () => {
  expect(wants({ root: "virtiofs" })).toEqual(["VIRTIO_PCI", "FUSE_FS", "VIRTIO_FS"]);
  expect(wants({ root: "virtio-blk" })).toEqual(["VIRTIO_PCI", "VIRTIO_BLK", "EXT4_FS"]);
  expect(wants({ root: "nvme", fileSystem: ["xfs", "btrfs"] })).toEqual([
    "BLK_DEV_NVME",
    "XFS_FS",
    "BTRFS_FS",
  ]);
  expect(wants({ root: "virtio-blk", fileSystem: "xfs", drivers: ["9p"] })).toEqual([
    "VIRTIO_PCI",
    "VIRTIO_BLK",
    "NET_9P",
    "NET_9P_VIRTIO",
    "9P_FS",
    "XFS_FS",
  ]);
  expect(wants({ root: "virtio-blk" }, "s390x")).toEqual(["S390_GUEST", "VIRTIO_BLK", "EXT4_FS"]);
  expect(wants({ root: "virtio-blk" }, "aarch64")).toEqual([
    "PCI_HOST_GENERIC",
    "VIRTIO_PCI",
    "VIRTIO_BLK",
    "EXT4_FS",
  ]);
  expect(wants({ root: "virtio-blk", transport: "mmio" }, "aarch64")).toEqual([
    "VIRTIO_MMIO",
    "VIRTIO_BLK",
    "EXT4_FS",
  ]);
});

function wants(needs: BootNeeds, arch = "x86_64"): string[] {
  const plan = planInitramfs({ arch, config: "" }, needs);
  return plan.needed ? plan.missing.map(({ option }) => option.replace("CONFIG_", "")) : [];
}
