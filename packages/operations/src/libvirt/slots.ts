import type { Element } from "./xml.js";

const onPci: ReadonlySet<string> = new Set(["disk", "filesystem", "interface", "rng", "watchdog"]);

/** The last slot that machines leave free: 31 is q35's own. */
const lastSlot = 0x1e;
/** Behind those that QEMU gives to what is on `<qemu:commandline>`, from the first free one on. */
const firstSlot = 0x10;

/** Machines whose first bus is PCI, with free slots: pc, q35 and virt, in any version. */
export function hasSlots(machine: string): boolean {
  return /^(?:pc|q35|virt)(?:-|$)/.test(machine);
}

/**
 * Gives devices slots of their own, in their order. libvirt would take the first ones, and so does QEMU for its command line, which it reads
 * before: then the domain could not be started.
 */
export function withSlots(devices: readonly Element[]): readonly Element[] {
  const count = devices.filter(({ name }) => onPci.has(name)).length;
  let slot = Math.min(firstSlot, lastSlot + 1 - count);
  if (slot < 3) return devices;
  return devices.map((device) => {
    const { name, content = [] } = device;
    if (!onPci.has(name) || typeof content === "string") return device;
    const attributes = { type: "pci", domain: "0", bus: "0", slot: `0x${slot.toString(16)}`, function: "0" };
    slot += 1;
    return { ...device, content: [...content, { name: "address", attributes }] };
  });
}
