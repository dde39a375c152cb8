/** The machine `virt` of these has the generic host bridge. Source: QEMU's docs/system/arm/virt.rst, riscv/virt.rst. */
const withGenericBridge: ReadonlySet<string> = new Set(["aarch64", "arm", "riscv32", "riscv64"]);

/** Whether the PCI bus of an architecture's machine wants the generic host bridge's driver. */
export function genericBridgeOf(arch: string): boolean {
  return withGenericBridge.has(arch);
}

/** The driver of the machine's serial console. */
export const consoleOptions: { readonly [arch: string]: string } = {
  x86_64: "CONFIG_SERIAL_8250_CONSOLE",
  i386: "CONFIG_SERIAL_8250_CONSOLE",
  aarch64: "CONFIG_SERIAL_AMBA_PL011_CONSOLE",
  arm: "CONFIG_SERIAL_AMBA_PL011_CONSOLE",
  riscv32: "CONFIG_SERIAL_8250_CONSOLE",
  riscv64: "CONFIG_SERIAL_8250_CONSOLE",
  loongarch64: "CONFIG_SERIAL_8250_CONSOLE",
  ppc64: "CONFIG_HVC_CONSOLE",
  ppc64le: "CONFIG_HVC_CONSOLE",
  s390x: "CONFIG_SCLP_VT220_CONSOLE",
};
