import { allFeatures } from "@vm/kernel-build";
import type { CommandDeclaration } from "../command-declaration.js";
import { gitConfigurationGroup } from "../options/git-options.js";
import { dryRunOption } from "../options/dry-run.js";

export const kconfigCommand: CommandDeclaration = {
  notes: `
Examples:
  vm kconfig merge qemu                       into .config of the kernel source here
  vm kconfig merge qemu kasan --base defconfig -O ../build
  vm kconfig merge qemu my.fragment -o /tmp/config
  vm kconfig check ~/linux                    what it lacks for vm run
  vm kconfig check /boot/vmlinuz-6.1.0 xfstests
  vm kconfig check linux-image-6.1.0-56-amd64_6.1.192-1_amd64.deb
  vm kconfig check git:v6.12 --for disk,network

Fragments are files, or the names of those that come with vm: qemu, debug, kasan,
lockdep, filesystems, blktests, xfstests, small, vsock, gdb, trace.
`,
  commands: [
    {
      name: "merge",
      summary: "merge fragments into a kernel's configuration, and explain which options were lost",
      arguments: [["<fragments...>", "fragments; of an option set twice the last one counts"]],
      options: [
        ["-C, --tree <dir>", "the kernel's source, or a directory made from it with O=", { default: "." }],
        ["-O, --build-dir <dir>", "make's O=: where .config and the build are (default: $KBUILD_OUTPUT)"],
        ["-o, --output <file>", "write the configuration there, and leave .config alone"],
        ["--base <config>", "a file or a target of make to start from (default: .config, else defconfig)"],
        ["--arch <arch>", "make's ARCH= (default: that of the base)"],
        ["--json", "print a JSON document"],
        dryRunOption,
      ],
    },
    {
      name: "check",
      summary: "show what a kernel's configuration lacks for vm, and for fragments",
      arguments: [
        [
          "<kernel>",
          "a build tree, a .config, an image, a package, an installed release, host or git:REVISION",
        ],
        ["[fragments...]", "fragments whose options are asked for as well"],
      ],
      options: [
        ["--for <features>", `only these: ${allFeatures.join(",")}, or none (default: all)`],
        ["--exact", "with fragments: a module where one builds in, or the other way round, counts as lost"],
        ["-C, --tree <dir>", "the kernel's source, for the reasons why a fragment's option is not set"],
        ["--json", "print a JSON document"],
        dryRunOption,
      ],
      groups: [gitConfigurationGroup],
    },
  ],
};
