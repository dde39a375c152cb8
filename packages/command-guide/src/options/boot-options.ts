import type { DeclaredOption, OptionGroup } from "../command-declaration.js";
import { dryRunOption } from "./dry-run.js";

/** Which kernel a guest boots, and how. */
export const bootOptions: readonly DeclaredOption[] = [
  [
    "-k, --kernel <build>",
    "boot this kernel: a build tree, an image, a package, an installed release, git:REVISION (see vm kernel --help)",
  ],
  ["-i, --initrd <file>", "an initramfs for that kernel"],
  ["-a, --append <parameter>", "add a kernel parameter (repeatable)", { repeatable: true }],
  ["--busybox <file>", "a static busybox of the kernel's architecture, for an initramfs where one is needed"],
  ["--accel <name>", "auto, kvm or tcg (default: $VM_ACCEL, else auto)"],
  ["--qemu <binary>", "this QEMU: a program of PATH, or a path (default: qemu-system-ARCH)"],
  [
    "--share <way>",
    "how files are shared with the guest: 9p, virtiofs or auto (default: auto, by what the kernel has); DIRECTORY:GUESTPATH[:rw]: the embedded guest sees a directory there (repeatable)",
    { repeatable: true },
  ],
  dryRunOption,
];

/** What machine it is. */
export const machineGroup: OptionGroup = {
  heading: "The machine:",
  options: [
    ["--ephemeral", "forget what the guest writes to its disks; several such runs at once are fine"],
    ["-c, --cpus <number>", "number of CPUs (default: the configuration's; in the embedded guest 1)"],
    [
      "-m, --memory <size>",
      "memory, as QEMU writes it (default: the configuration's; in the embedded guest 1G)",
    ],
  ],
};
