import { codedError } from "@vm/command-plan";
import { parseSize } from "@vm/qemu-argv";

const MIB = 1024 ** 2;

/** More than QEMU's machines take (q35: 288 by default, microvm and virt: fewer or 512); QEMU itself knows the exact limit. */
const MAX_CPUS = 4096;

/** What 52 bits of a physical address reach, the most that x86 and arm have. QEMU knows what the host can give. */
const MAX_MEMORY = 2 ** 52;

/**
 * Checks a number of virtual CPUs as typed.
 * @throws CPUS_INVALID
 */
export function checkCpus(text: string): void {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= MAX_CPUS) return;
  throw codedError("CPUS_INVALID", `-c ${text}: expected a number of CPUs, from 1 to ${MAX_CPUS}`, {
    hint: 'For as many as this host has: -c "$(nproc)".',
  });
}

/**
 * Checks an amount of memory as QEMU's `-m` takes it: a number with one of the suffixes B, K, M, G, T; MiB without one.
 * @throws MEMORY_INVALID
 */
export function checkMemory(text: string): void {
  const bytes = parseSize(text, "M");
  // QEMU's manual page: "the default unit is MiB".
  if (bytes === undefined) {
    throw codedError("MEMORY_INVALID", `-m ${text}: expected an amount of memory`, {
      hint: hintFor(text, "2G"),
    });
  }
  if (bytes > MAX_MEMORY) {
    throw codedError("MEMORY_INVALID", `-m ${text}: no machine has more than 4 PiB of memory`, {
      hint: "Write for example 2G.",
    });
  }
  if (bytes < 16 * MIB) {
    throw codedError("MEMORY_INVALID", `-m ${text}: ${bytes / MIB} MiB is too little for any kernel`, {
      hint: hintFor(text, "2G"),
    });
  }
}

/**
 * Checks a disk's size as `qemu-img create` takes it: a number with one of the suffixes K, M, G, T, P, E; bytes without one.
 * Only qemu-img knows whether it can make it.
 * @throws SIZE_INVALID
 */
export function checkDiskSize(text: string): void {
  const bytes = parseSize(text, "B");
  if (bytes === undefined) {
    throw codedError("SIZE_INVALID", `-s ${text}: expected the size of a disk`, {
      hint: hintFor(text, "16G"),
    });
  }
  if (bytes < MIB) {
    throw codedError("SIZE_INVALID", `-s ${text}: ${bytes} bytes is too small for a disk`, {
      hint: hintFor(text, "16G"),
    });
  }
}

/** `16`, `16GB` and `16 GiB` were all meant as `16G`. */
function hintFor(text: string, example: string): string {
  const [, digits, suffix = "G"] = /^(\d+(?:\.\d+)?) ?([kmgtpe])?(?:i?b)?$/i.exec(text) ?? [];
  const meant = digits === undefined || Number(digits) === 0 ? example : `${digits}${suffix.toUpperCase()}`;
  return meant === text ? `Write for example ${example}.` : `Write it as QEMU does: ${meant}.`;
}
