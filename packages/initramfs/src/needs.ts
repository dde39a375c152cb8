/** A driver that a boot may need before its root is there. */
export type Driver =
  | "9p"
  | "virtiofs"
  | "virtio-blk"
  | "virtio-scsi"
  | "nvme"
  | "ahci"
  | "virtio-console"
  | "virtio-net"
  | "vsock"
  | "overlay"
  | "fw-cfg";

/** What a boot needs of the kernel until its root takes over. */
export interface BootNeeds {
  /** What the root is on. */
  readonly root: "9p" | "virtiofs" | "virtio-blk" | "virtio-scsi" | "nvme" | "ahci";
  /** The file system of a root on a disk, as the kernel calls it; several when it is not known. Default: `ext4`. */
  readonly fileSystem?: string | readonly string[];
  /** What else must work before anything can be loaded from the root: the shares of the modules, a command's ports. */
  readonly drivers?: readonly Driver[];
  /** How virtio devices are reached. Default: `ccw` on s390x, else `pci`. */
  readonly transport?: "pci" | "mmio" | "ccw";
}

/** One module, and the option that decides whether it is built in. */
export interface Part {
  /** What it is for: a driver, a file system, or a transport. */
  readonly driver: string;
  /** The module's name; null for what can only be built in. */
  readonly module: string | null;
  /** The full name: `CONFIG_9P_FS`. */
  readonly option: string;
}

/** The parts that a boot needs, in the order in which they are loaded. */
export function partsOf(needs: BootNeeds, arch: string): Part[] {
  const { transport = arch === "s390x" ? "ccw" : "pci" } = needs;
  const drivers = new Set<Driver>([needs.root, ...(needs.drivers ?? [])]);
  const parts: Part[] = [...drivers].some((driver) => isVirtio(driver))
    ? transportParts(transport, arch)
    : [];
  for (const driver of drivers) {
    parts.push(...driverParts[driver].map(([module, option]) => ({ driver, module, option })));
  }
  return [...parts, ...fileSystemParts(fileSystemsOf(needs))];
}

/** The file systems that a root on a disk may have. */
export function fileSystemsOf({ root, fileSystem = "ext4" }: BootNeeds): readonly string[] {
  if (isShare(root)) return [];
  return typeof fileSystem === "string" ? [fileSystem] : fileSystem;
}

/** What the kernel itself must have to start from an initramfs and hand over. */
export const initramfsParts: readonly Part[] = [
  "CONFIG_BLK_DEV_INITRD",
  "CONFIG_BINFMT_ELF",
  "CONFIG_BINFMT_SCRIPT",
  "CONFIG_DEVTMPFS",
  "CONFIG_PROC_FS",
].map((option) => ({ driver: "initramfs", module: null, option }));

// Module and option, from the kernel's Makefiles and Kconfig files.
const driverParts: { readonly [driver in Driver]: readonly (readonly [module: string, option: string])[] } = {
  "9p": [
    ["9pnet", "CONFIG_NET_9P"],
    ["9pnet_virtio", "CONFIG_NET_9P_VIRTIO"],
    ["9p", "CONFIG_9P_FS"],
  ],
  virtiofs: [
    ["fuse", "CONFIG_FUSE_FS"],
    ["virtiofs", "CONFIG_VIRTIO_FS"],
  ],
  "virtio-blk": [["virtio_blk", "CONFIG_VIRTIO_BLK"]],
  "virtio-scsi": [
    ["sd_mod", "CONFIG_BLK_DEV_SD"],
    ["virtio_scsi", "CONFIG_SCSI_VIRTIO"],
  ],
  nvme: [["nvme", "CONFIG_BLK_DEV_NVME"]],
  ahci: [
    ["sd_mod", "CONFIG_BLK_DEV_SD"],
    ["ahci", "CONFIG_SATA_AHCI"],
  ],
  "virtio-console": [["virtio_console", "CONFIG_VIRTIO_CONSOLE"]],
  "virtio-net": [["virtio_net", "CONFIG_VIRTIO_NET"]],
  vsock: [
    ["vsock", "CONFIG_VSOCKETS"],
    ["vmw_vsock_virtio_transport", "CONFIG_VIRTIO_VSOCKETS"],
  ],
  overlay: [["overlay", "CONFIG_OVERLAY_FS"]],
  // It hands the note of a memory dump to QEMU.
  "fw-cfg": [["qemu_fw_cfg", "CONFIG_FW_CFG_SYSFS"]],
};

function isShare(driver: Driver): boolean {
  return driver === "9p" || driver === "virtiofs";
}

function isVirtio(driver: Driver): boolean {
  return isShare(driver) || driver.startsWith("virtio-") || driver === "vsock";
}

function transportParts(transport: "pci" | "mmio" | "ccw", arch: string): Part[] {
  const driver = `virtio over ${transport}`;
  switch (transport) {
    case "ccw":
      return [{ driver, module: null, option: "CONFIG_S390_GUEST" }];
    case "mmio":
      return [{ driver, module: "virtio_mmio", option: "CONFIG_VIRTIO_MMIO" }];
    case "pci":
      return [
        // QEMU's machine `virt` has the generic host bridge.
        ...(["aarch64", "arm", "riscv64", "riscv32"].includes(arch)
          ? [{ driver, module: "pci_host_generic", option: "CONFIG_PCI_HOST_GENERIC" }]
          : []),
        { driver, module: "virtio_pci", option: "CONFIG_VIRTIO_PCI" },
      ];
    default:
      return transport satisfies never;
  }
}

function fileSystemParts(names: readonly string[]): Part[] {
  return names.map((name) => ({
    driver: name,
    // Source: the file systems' Makefiles; nearly all are called after their directory.
    module: otherModules[name] ?? name,
    option: otherOptions[name] ?? `CONFIG_${name.toUpperCase()}_FS`,
  }));
}

const otherModules: { readonly [fileSystem: string]: string } = { iso9660: "isofs", ext3: "ext4" };

const otherOptions: { readonly [fileSystem: string]: string } = {
  ext3: "CONFIG_EXT4_FS",
  squashfs: "CONFIG_SQUASHFS",
};
