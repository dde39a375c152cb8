import { readFileSync } from "node:fs";

/** What the machine has for guests, and what a guest takes. */
export interface Capacity {
  readonly hostCpus: number;
  /** What can be used without swapping; null when it is not known. */
  readonly availableMiB: number | null;
  readonly guestCpus: number;
  readonly guestMemoryMiB: number;
  /** An emulated guest keeps a CPU of the host busy for each of its own; others wait a good part of their time. */
  readonly accelerator: "emulation" | "hardware";
}

/** What QEMU needs beside the guest's memory: measured as 70 to 110 MiB. */
const QEMU_MIB = 128;
/** Left for the rest of the machine. */
const RESERVE_MIB = 256;

/** How many guests can run in parallel on this machine, by CPUs and by memory; at least one. Pure. */
export function guestsAtOnce({
  hostCpus,
  availableMiB,
  guestCpus,
  guestMemoryMiB,
  accelerator,
}: Capacity): number {
  const vcpus = accelerator === "emulation" ? hostCpus : hostCpus * 2;
  const byCpus = Math.floor(vcpus / guestCpus);
  const byMemory =
    availableMiB === null ? Infinity : Math.floor((availableMiB - RESERVE_MIB) / (guestMemoryMiB + QEMU_MIB));
  return Math.max(1, Math.min(byCpus, byMemory));
}

/** Whether there is memory for one more guest now. Pure. */
export function hasMemoryFor(guestMemoryMiB: number, availableMiB: number | null): boolean {
  return availableMiB === null || availableMiB - RESERVE_MIB >= guestMemoryMiB + QEMU_MIB;
}

/** MemAvailable of /proc/meminfo, less where a control group limits us further; null where neither can be read. */
export function readAvailableMiB(meminfo = "/proc/meminfo"): number | null {
  let text: string;
  try {
    text = readFileSync(meminfo, "utf8");
  } catch {
    return null;
  }
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kibibytes === undefined) return null;
  const available = Number(kibibytes) / 1024;
  // Without a limit: 0, or a number beyond all memory.
  const limit = process.constrainedMemory() / 1024 / 1024;
  return Math.floor(limit > 0 ? Math.min(available, limit) : available);
}
