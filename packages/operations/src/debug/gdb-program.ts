import { isSameToolchain } from "@vm/architectures";

/** The gdb that knows the guest's machine code. Both are named as this project does. */
export function gdbProgram(arch: string, hostArch: string): string {
  return isSameToolchain(arch, hostArch) ? "gdb" : "gdb-multiarch";
}
