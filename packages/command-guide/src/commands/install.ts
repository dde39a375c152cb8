import { installFlags } from "@vm/arch-installer";
import { NEW_VM_DEFAULTS } from "@vm/vm-store";
import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const installCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the virtual machine"]],
  groups: [
    {
      heading: "The virtual machine:",
      options: [
        ["-c, --cpus <number>", `number of CPUs (default: ${NEW_VM_DEFAULTS.cpus})`],
        ["-m, --memory <size>", `memory, as QEMU writes it (default: ${NEW_VM_DEFAULTS.memory})`],
        ["-s, --size <size>", `size of its disk, as qemu-img writes it (default: ${NEW_VM_DEFAULTS.size})`],
        ["--accel <name>", "auto, kvm or tcg (default: $VM_ACCEL, else auto)"],
        ["--qemu <binary>", "this QEMU: a program of PATH, or a path (default: qemu-system-x86_64)"],
      ],
    },
    {
      heading: "The live system:",
      options: [
        ["--iso <file>", "an image of it, instead of the newest one"],
        ["--mirror <url>", "the mirror for the image, and for the packages"],
        ["--iso-keyring <file>", "keys that may have signed the image (default: Arch Linux's)"],
        ["--bootstrap", "no image: install from this machine, which has pacman"],
        ["-k, --kernel <build>", "the kernel for --bootstrap"],
        ["--pacman-conf <file>", "the pacman.conf for --bootstrap (default: Arch Linux's repositories)"],
      ],
    },
    {
      heading: "The run:",
      options: [
        ["--timeout <time>", "give up when the guest has not finished after that time: 90m"],
        ["--silence-timeout <time>", "give up when the guest has been silent for that time (default: 15m)"],
        ["--shell", "when it fails: a shell in the live system"],
        ["--keep", "when it fails: keep the disk, as the VM NAME.failed"],
        ["--full", "when it fails: all of the kernel's reports, with registers and code bytes"],
        ["--log <file>", "where the installation's output goes (default: in the cache)"],
        dryRunOption,
      ],
    },
    {
      heading: "The installation:",
      options: installFlags.map(({ flags, about, ...kind }) => [flags, about, kind]),
    },
  ],
  notes: `
The VM is made if there is none of that name. It gets its name, or a VM that is there its new disk, only when everything is
installed. Without --iso the newest image is downloaded into the cache, and checked.
For a VM that is there -c and -m are those of the installation alone: its configuration stays as it is.
The script of a dry run only installs: --timeout, --silence-timeout, --shell, --keep, --full and --iso-keyring are refused
beside -n.

Examples:
  vm install TestVM --ssh-key ~/.ssh/id_ed25519.pub
  vm install TestVM -c 4 -s 32G --root-password-file password --fs btrfs
  vm install TestVM --iso archlinux-2026.11.01-x86_64.iso --ssh-key ~/.ssh/id_ed25519.pub
  vm install TestVM --mirror http://mirror.example/archlinux --ssh-key ~/.ssh/id_ed25519.pub
  vm install TestVM --bootstrap -k ~/linux --ssh-key ~/.ssh/id_ed25519.pub     no image: by this machine's pacstrap
  vm install TestVM --iso arch.iso --ssh-key me.pub --dry-run > install.sh
`,
};
