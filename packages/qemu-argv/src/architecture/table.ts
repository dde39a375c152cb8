import type { ArchitectureFacts } from "./facts.js";

/** The 32-bit guests are those that a distribution still compiles for; KVM's are from QEMU's meson.build (`kvm_targets`). */
const x86 = {
  qemuPackages: { debian: "qemu-system-x86", arch: "qemu-system-x86", fedora: "qemu-system-x86" },
  machine: { type: "q35", props: [] },
  // `pc`, which boots the same kernels with the same devices.
  machineByDefault: "yes",
  virtioBus: "pci",
  defaultMemory: "128M",
  emulatedCpu: { model: "max", features: [] },
  console: "ttyS0",
  devices: ["i6300esb", "vmcoreinfo"],
  firmware: "built-in",
} as const satisfies Partial<ArchitectureFacts>;

const power = {
  qemu: "ppc64",
  qemuPackages: { debian: "qemu-system-ppc", arch: "qemu-system-ppc", fedora: "qemu-system-ppc" },
  // QEMU's documentation, system/ppc/pseries: these mitigations exist on real processors only, and TCG warns of each.
  machine: {
    type: "pseries",
    props: [
      ["cap-cfpc", "broken"],
      ["cap-sbbc", "broken"],
      ["cap-ibs", "broken"],
      ["cap-ccf-assist", "off"],
    ],
  },
  machineByDefault: "yes",
  virtioBus: "pci",
  defaultMemory: "512M",
  emulatedCpu: null,
  kvmHosts: ["ppc64le", "ppc64"],
  console: "hvc0",
  devices: ["i6300esb"],
  firmware: "built-in",
} as const satisfies Partial<ArchitectureFacts>;

/** The architectures with a machine of their own here. Sources: QEMU's system/target-*.rst and its hw/*. */
export const architectures: readonly ArchitectureFacts[] = [
  {
    ...x86,
    name: "x86_64",
    aliases: ["amd64", "x64", "x86"],
    qemu: "x86_64",
    kvmHosts: ["x86_64"],
  },
  {
    ...x86,
    name: "i386",
    aliases: ["i486", "i586", "i686", "ia32"],
    qemu: "i386",
    kvmHosts: ["i386", "x86_64"],
  },
  {
    name: "aarch64",
    aliases: ["arm64"],
    qemu: "aarch64",
    qemuPackages: { debian: "qemu-system-arm", arch: "qemu-system-aarch64", fedora: "qemu-system-aarch64" },
    // The default, version 2, serves 8 CPUs, and no KVM of a host that has only version 3 or 4.
    machine: { type: "virt", props: [["gic-version", "max"]] },
    machineByDefault: "no",
    virtioBus: "pci",
    defaultMemory: "128M",
    // Pointers signed by the architecture's own cipher make an emulated kernel several times slower.
    emulatedCpu: {
      model: "max",
      features: [["pauth-impdef", "on"]],
      // They hang without a word where the processor has FEAT_LPA2: QEMU's commit 69b2265d5fe8 and its issues 964 and 1177.
      before: { release: "5.12", model: "cortex-a72" },
    },
    kvmHosts: ["aarch64"],
    console: "ttyAMA0",
    devices: ["i6300esb", "vmcoreinfo"],
    firmware: { flag: "bios", file: "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd", debian: "qemu-efi-aarch64" },
  },
  {
    name: "arm",
    aliases: ["armhf", "armel", "armv6l", "armv7", "armv7l"],
    qemu: "arm",
    qemuPackages: { debian: "qemu-system-arm", arch: "qemu-system-arm", fedora: "qemu-system-arm" },
    // A kernel without LPAE cannot reach what lies above 4 GiB: the PCI configuration space, among others.
    machine: { type: "virt", props: [["highmem", "off"]] },
    machineByDefault: "no",
    virtioBus: "pci",
    defaultMemory: "128M",
    emulatedCpu: { model: "max", features: [] },
    // QEMU 5.2 dropped 32-bit hosts, and qemu-system-arm has no KVM on 64-bit ones.
    kvmHosts: [],
    console: "ttyAMA0",
    devices: ["i6300esb", "vmcoreinfo"],
    firmware: { flag: "bios", file: "/usr/share/AAVMF/AAVMF32_CODE.fd", debian: "qemu-efi-arm" },
  },
  {
    name: "riscv64",
    aliases: ["riscv"],
    qemu: "riscv64",
    qemuPackages: {
      debian: "qemu-system-misc",
      debianSince13: "qemu-system-riscv",
      arch: "qemu-system-riscv",
      fedora: "qemu-system-riscv",
    },
    machine: { type: "virt", props: [] },
    machineByDefault: "no",
    virtioBus: "pci",
    defaultMemory: "128M",
    emulatedCpu: null,
    kvmHosts: ["riscv64"],
    console: "ttyS0",
    devices: ["i6300esb"],
    // OpenSBI comes with QEMU, and starts what stands in the place of a boot loader: nothing, without U-Boot.
    firmware: {
      flag: "kernel",
      file: "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin",
      debian: "u-boot-qemu",
    },
  },
  {
    name: "s390x",
    aliases: ["s390"],
    qemu: "s390x",
    qemuPackages: {
      debian: "qemu-system-misc",
      debianSince13: "qemu-system-s390x",
      arch: "qemu-system-s390x",
      fedora: "qemu-system-s390x",
    },
    machine: { type: "s390-ccw-virtio", props: [] },
    machineByDefault: "yes",
    virtioBus: "ccw",
    defaultMemory: "128M",
    emulatedCpu: { model: "max", features: [] },
    kvmHosts: ["s390x"],
    console: "ttysclp0",
    devices: ["diag288"],
    firmware: "built-in",
  },
  {
    ...power,
    name: "ppc64le",
    aliases: ["powerpc", "ppc64el"],
  },
  {
    ...power,
    name: "ppc64",
    aliases: [],
  },
];
