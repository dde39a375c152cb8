/** The gdb that knows the guest's machine code. `hostArch`: as Node names it. */
export function gdbProgram(arch: string, hostArch: string = process.arch): string {
  return nodeNames[arch] === hostArch ? "gdb" : "gdb-multiarch";
}

const nodeNames: Readonly<Record<string, string>> = {
  x86_64: "x64",
  i386: "x64",
  aarch64: "arm64",
  arm: "arm",
  riscv64: "riscv64",
  s390x: "s390x",
  ppc64: "ppc64",
};
