import { NEW_VM_DEFAULTS } from "@vm/vm-store";
import type { DeclaredOption } from "../command-declaration.js";

/** What a new VM is given, with a blank disk or with an image's. */
export const newMachineOptions: readonly DeclaredOption[] = [
  ["-c, --cpus <number>", "number of CPUs", { default: NEW_VM_DEFAULTS.cpus }],
  ["-m, --memory <size>", "memory, as QEMU writes it: 512M, 2G", { default: NEW_VM_DEFAULTS.memory }],
  ["--disk <size>", "one more disk of that size (repeatable)", { repeatable: true }],
  ["--nvme", "NVMe disks instead of virtio's"],
  ["--arch <arch>", "architecture: x86_64, aarch64, riscv64... (default: this machine's)"],
];
