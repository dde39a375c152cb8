import { architectureNamed } from "@vm/qemu-argv";
import type { ArchitectureFacts, ElfMachine, GuestFacts } from "./facts.js";
import { knownArchitectures } from "./table.js";

/**
 * What is known of an architecture, by any of its names: QEMU's (`aarch64`), Debian's (`amd64`), the kernel's `ARCH=` (`arm64`), that of
 * `uname -m` (`i686`) or Node's (`x64`).
 */
export function findArchitecture(name: string): ArchitectureFacts | undefined {
  const own = architectureNamed(name)?.name ?? name;
  return knownArchitectures.find((facts) => facts.name === own || facts.aliases.includes(own));
}

/** What is known of its guests; undefined for one that has no machine of its own here. */
export function findGuest(name: string): GuestFacts | undefined {
  return findArchitecture(name)?.guest ?? undefined;
}

/** The architecture of a program's ELF header, by this project's name; undefined for one that is not in the table. */
export function architectureOfElf(header: ElfMachine): ArchitectureFacts | undefined {
  return knownArchitectures.find(({ elf }) => isSame(elf, header));
}

/** The same for a kernel's: of a machine that one architecture alone has, bits and byte order do not matter (64-bit PA-RISC, big-endian ARM). */
export function architectureOfVmlinux(header: ElfMachine): ArchitectureFacts | undefined {
  const known = knownArchitectures.filter(({ elf }) => elf.machine === header.machine);
  return known.length === 1 ? known[0] : known.find(({ elf }) => isSame(elf, header));
}

function isSame(one: ElfMachine, other: ElfMachine): boolean {
  return one.machine === other.machine && one.bits === other.bits && one.order === other.order;
}

/** Whether a kernel of one architecture can run another's programs. One without guests of its own here is taken to. */
export function runsPrograms(kernel: string, program: string): boolean {
  const facts = findArchitecture(kernel);
  if (facts === undefined || facts.guest === null) return true;
  return facts.name === program || facts.guest.alsoRuns.some((name) => name === program);
}

/** Whether a compiler or a debugger for one of them is one for the other. */
export function isSameToolchain(one: string, other: string): boolean {
  const [left, right] = [one, other].map((name) => findArchitecture(name)?.toolchain ?? name);
  return left === right;
}
