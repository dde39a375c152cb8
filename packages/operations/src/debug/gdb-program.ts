/** The gdb that knows the guest's machine code. Both as QEMU names them. */
export function gdbProgram(arch: string, hostArch: string): string {
  const isOwn = arch === hostArch || (arch === "i386" && hostArch === "x86_64");
  return isOwn ? "gdb" : "gdb-multiarch";
}
