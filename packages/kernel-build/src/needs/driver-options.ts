import { findArchitecture } from "@vm/architectures";

/** An option of `.config`, and what it makes. */
export interface DriverOption {
  /** The full name: `CONFIG_9P_FS`. */
  readonly option: string;
  /** The module that it makes when it is `m`; null where it can only be built in. Sources: the kernel's Kconfig files and Makefiles. */
  readonly module: string | null;
}

/** What a boot, or what runs after it, may need a driver for. */
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

/** How virtio devices are reached. */
export type Transport = "pci" | "mmio" | "ccw";

/** The options of each driver, in the order in which their modules are loaded; the transport is apart from them. */
export const driverOptions: { readonly [driver in Driver]: readonly DriverOption[] } = {
  "9p": [
    { option: "CONFIG_NET_9P", module: "9pnet" },
    { option: "CONFIG_NET_9P_VIRTIO", module: "9pnet_virtio" },
    { option: "CONFIG_9P_FS", module: "9p" },
  ],
  virtiofs: [
    { option: "CONFIG_FUSE_FS", module: "fuse" },
    { option: "CONFIG_VIRTIO_FS", module: "virtiofs" },
  ],
  "virtio-blk": [{ option: "CONFIG_VIRTIO_BLK", module: "virtio_blk" }],
  "virtio-scsi": [
    { option: "CONFIG_BLK_DEV_SD", module: "sd_mod" },
    { option: "CONFIG_SCSI_VIRTIO", module: "virtio_scsi" },
  ],
  nvme: [{ option: "CONFIG_BLK_DEV_NVME", module: "nvme" }],
  ahci: [
    { option: "CONFIG_BLK_DEV_SD", module: "sd_mod" },
    { option: "CONFIG_SATA_AHCI", module: "ahci" },
  ],
  "virtio-console": [{ option: "CONFIG_VIRTIO_CONSOLE", module: "virtio_console" }],
  "virtio-net": [{ option: "CONFIG_VIRTIO_NET", module: "virtio_net" }],
  vsock: [
    { option: "CONFIG_VSOCKETS", module: "vsock" },
    { option: "CONFIG_VIRTIO_VSOCKETS", module: "vmw_vsock_virtio_transport" },
  ],
  overlay: [{ option: "CONFIG_OVERLAY_FS", module: "overlay" }],
  // It hands the note of a memory dump to QEMU.
  "fw-cfg": [{ option: "CONFIG_FW_CFG_SYSFS", module: "qemu_fw_cfg" }],
};

/** The options of what all virtio devices of an architecture's machine are reached by, in the order of loading. */
export function transportOptions(transport: Transport, arch: string): readonly DriverOption[] {
  switch (transport) {
    case "ccw":
      return [{ option: "CONFIG_S390_GUEST", module: null }];
    case "mmio":
      return [{ option: "CONFIG_VIRTIO_MMIO", module: "virtio_mmio" }];
    case "pci":
      return [
        ...(findArchitecture(arch)?.pciHostBridge === "generic"
          ? [{ option: "CONFIG_PCI_HOST_GENERIC", module: "pci_host_generic" }]
          : []),
        { option: "CONFIG_VIRTIO_PCI", module: "virtio_pci" },
      ];
    default:
      return transport satisfies never;
  }
}

/** What the kernel itself must have to start from an initramfs of this project, whose init is a script, and to hand over. */
export const initramfsOptions: readonly DriverOption[] = [
  "CONFIG_BLK_DEV_INITRD",
  "CONFIG_BINFMT_ELF",
  "CONFIG_BINFMT_SCRIPT",
  "CONFIG_DEVTMPFS",
  "CONFIG_PROC_FS",
].map((option) => ({ option, module: null }));

/** The option of a file system on a disk, by the name that the kernel has for it: `ext4`. */
export function fileSystemOption(name: string): DriverOption {
  // Nearly all are called after their directory. Source: the file systems' Makefiles.
  return {
    option: otherOptions[name] ?? `CONFIG_${name.toUpperCase()}_FS`,
    module: otherModules[name] ?? name,
  };
}

const otherModules: { readonly [fileSystem: string]: string } = { iso9660: "isofs", ext3: "ext4" };

const otherOptions: { readonly [fileSystem: string]: string } = {
  ext3: "CONFIG_EXT4_FS",
  squashfs: "CONFIG_SQUASHFS",
};
