import {
  driverOptions,
  fileSystemOption,
  initramfsOptions,
  transportOptions,
  type Driver,
  type DriverOption,
  type Transport,
} from "@vm/kernel-build";
import { virtioBusOf } from "@vm/qemu-argv";

/** What a boot needs of the kernel until its root takes over. */
export interface BootNeeds {
  /** What the root is on. */
  readonly root: "9p" | "virtiofs" | "virtio-blk" | "virtio-scsi" | "nvme" | "ahci";
  /** The file system of a root on a disk, as the kernel calls it; several when it is not known. Default: `ext4`. */
  readonly fileSystem?: string | readonly string[];
  /** What else must work before anything can be loaded from the root: the shares of the modules, a command's ports. */
  readonly drivers?: readonly Driver[];
  /** How virtio devices are reached. Default: `ccw` on s390x, else `pci`. */
  readonly transport?: Transport;
}

/** One module, and the option that decides whether it is built in. */
export interface Part extends DriverOption {
  /** What it is for: a driver, a file system, or a transport. */
  readonly driver: string;
}

/** The parts that a boot needs, in the order in which they are loaded. */
export function partsOf(needs: BootNeeds, arch: string): Part[] {
  const { transport = virtioBusOf(arch) } = needs;
  const drivers = new Set<Driver>([needs.root, ...(needs.drivers ?? [])]);
  return [
    ...([...drivers].some((driver) => isVirtio(driver))
      ? partsFor(`virtio over ${transport}`, transportOptions(transport, arch))
      : []),
    ...[...drivers].flatMap((driver) => partsFor(driver, driverOptions[driver])),
    ...fileSystemsOf(needs).flatMap((name) => partsFor(name, [fileSystemOption(name)])),
  ];
}

/** The file systems that a root on a disk may have. */
export function fileSystemsOf({ root, fileSystem = "ext4" }: BootNeeds): readonly string[] {
  if (isShare(root)) return [];
  return typeof fileSystem === "string" ? [fileSystem] : fileSystem;
}

/** What the kernel itself must have to start from an initramfs and hand over. */
export const initramfsParts: readonly Part[] = partsFor("initramfs", initramfsOptions);

function partsFor(driver: string, options: readonly DriverOption[]): Part[] {
  return options.map((found) => ({ driver, ...found }));
}

function isShare(driver: Driver): boolean {
  return driver === "9p" || driver === "virtiofs";
}

function isVirtio(driver: Driver): boolean {
  return isShare(driver) || driver.startsWith("virtio-") || driver === "vsock";
}
