import type { Command } from "commander";
import { dryRunOption } from "../dry-run.js";
import { collect } from "../repeatable-option.js";

/** Adds the options that say which kernel a guest boots, and how. */
export function addBootOptions(command: Command): Command {
  return command
    .option(
      "-k, --kernel <build>",
      "boot this kernel: a build tree, an image, a package, an installed release, git:REVISION (see vm kernel --help)",
    )
    .option("-i, --initrd <file>", "an initramfs for that kernel")
    .option("-a, --append <parameter>", "add a kernel parameter (repeatable)", collect)
    .option(
      "--busybox <file>",
      "a static busybox of the kernel's architecture, for an initramfs where one is needed",
    )
    .option("--accel <name>", "auto, kvm or tcg (default: $VM_ACCEL, else auto)")
    .option("--qemu <binary>", "this QEMU: a program of PATH, or a path (default: qemu-system-ARCH)")
    .option(
      "--share <way>",
      "how files are shared with the guest: 9p, virtiofs or auto (default: auto, by what the kernel has); DIRECTORY:GUESTPATH[:rw]: the embedded guest sees a directory there (repeatable)",
      collect,
    )
    .option(...dryRunOption);
}

/** Adds those that say what machine it is. */
export function addMachineOptions(command: Command): Command {
  return command
    .optionsGroup("The machine:")
    .option("--ephemeral", "forget what the guest writes to its disks; several such runs at once are fine")
    .option("-c, --cpus <number>", "number of CPUs (default: the configuration's; in the embedded guest 1)")
    .option(
      "-m, --memory <size>",
      "memory, as QEMU writes it (default: the configuration's; in the embedded guest 1G)",
    );
}

/** A variable of what runs in the guest. */
export const environmentOption: readonly [flags: string, description: string, collect: typeof collect] = [
  "--env <variable>",
  "NAME=VALUE, or NAME for its value here: a variable for what runs in the guest (repeatable)",
  collect,
];

/** Adds those of the embedded guest. */
export function addEmbeddedOptions(command: Command): Command {
  return command
    .option("--root <directory>", "boot on this root instead of /")
    .option("--rw <directory>", "share a directory read-write (repeatable)", collect)
    .option("--ro <directory>", "share a directory read-only (repeatable)", collect)
    .option("--expose <path>", "do not hide this path of the host, such as ~/.ssh (repeatable)", collect)
    .option(...environmentOption)
    .option("--user", "run as you, not as root")
    .option("--systemd", "boot with the root's systemd; the command runs once basic.target is reached")
    .option(
      "--network <kind>",
      "none (loopback only), user (whatever this host's user can reach) or isolated (default: network in config.json, else none)",
    );
}
