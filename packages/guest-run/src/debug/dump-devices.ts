import { findGuest } from "@vm/architectures";
import { architectureNamed, device, findOptions, optionProperty, type QemuOption } from "@vm/qemu-argv";

/**
 * The devices that a dump of the guest's memory asks for, where they are not there already: `vmcoreinfo`, by which the kernel
 * leaves the note that crash and drgn read the dump with. Source: QEMU's docs/specs/vmcoreinfo.rst.
 */
export function dumpNoteDevice(arch: string, userOptions: readonly QemuOption[]): QemuOption[] {
  // It needs fw_cfg with DMA, which not every machine has.
  const known = architectureNamed(arch)?.devices.includes("vmcoreinfo") === true;
  return !known || hasDevice(userOptions, "vmcoreinfo") ? [] : [device("vmcoreinfo")];
}

/** The device by which a kernel with its driver (CONFIG_PVPANIC_PCI) says that it panicked. Source: docs/specs/pvpanic.rst. */
export function panicDevice(arch: string, userOptions: readonly QemuOption[]): QemuOption[] {
  const there = hasDevice(userOptions, "pvpanic-pci") || hasDevice(userOptions, "pvpanic");
  return findGuest(arch)?.pvpanic !== "pci" || there ? [] : [device("pvpanic-pci")];
}

function hasDevice(options: readonly QemuOption[], driver: string): boolean {
  return findOptions(options, { flag: "device" }).some(
    (option) => optionProperty(option, "driver") === driver,
  );
}
