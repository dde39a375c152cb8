import type { Architecture } from "../architecture.js";
import type { Requirement } from "./config-check.js";

/** The machine `virt` of these has the generic host bridge. Source: QEMU's docs/system/arm/virt.rst, riscv/virt.rst. */
const withGenericBridge: ReadonlySet<Architecture> = new Set(["aarch64", "arm", "riscv32", "riscv64"]);

/** What virtio devices are reached by on an architecture's machine. */
export function transportOf(arch: Architecture): readonly Requirement[] {
  const purpose = "every virtio device";
  if (arch === "s390x") return [{ option: "CONFIG_S390_GUEST", purpose, early: true }];
  return [
    ...(withGenericBridge.has(arch)
      ? [{ option: "CONFIG_PCI_HOST_GENERIC", purpose: "the machine's PCI bus", early: true } as const]
      : []),
    { option: "CONFIG_VIRTIO_PCI", purpose, early: true },
  ];
}

/** The driver of the machine's serial console. */
export const consoleOptions: { readonly [arch in Architecture]?: string } = {
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
