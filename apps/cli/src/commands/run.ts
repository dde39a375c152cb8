import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { ownHost } from "../own-host.js";
import { collect } from "../repeatable-option.js";
import { addDebugOptions } from "../run/debug-options.js";
import { addGitOptions } from "../run/git-options.js";
import { refusePackages } from "../run/package-words.js";
import { checkRunOptions } from "../run/option-check.js";
import type { RunOptions } from "../run/run-options.js";
import { runRequest } from "../run/run-request.js";

const examples = `
Without a name the kernel boots in the embedded guest: on this machine's own root, which it can read and not change.
What follows -- goes to QEMU unchanged, after the options of the configuration. Relative paths start at the working directory.

Examples:
  vm run TestVM                             its own disk, its own boot loader
  vm run TestVM -k ~/linux                  the kernel just built there, with its modules
  vm run TestVM -k ~/linux -a debug         one more kernel parameter
  vm run TestVM -k ~/linux --gdb            with a stub for gdb; vm gdb TestVM starts gdb
  vm run TestVM -k ~/linux -n               print the shell script instead
  vm run TestVM -- -boot d arch.iso -no-reboot

  vm run -k .                               a shell on the kernel just built, with nothing installed
  vm run -k . --exec 'uname -r; dmesg | tail'
  git bisect run vm run -k git:HEAD --bisect --exec './reproduce.sh'
`;

export function define(command: Command, context: CommandContext): void {
  const described = command
    .argument("[name]", "name of the virtual machine")
    .usage("[options] [name] [-- QEMU OPTIONS]")
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
    .option(
      "--share <way>",
      "how files are shared with the guest: 9p, virtiofs or auto (default: auto, by what the kernel has)",
    )
    .option(...dryRunOption)
    .optionsGroup("A command in the guest:")
    .option(
      "--exec <command>",
      "run a command in the guest's sh; its input, output and exit status are passed through",
    )
    .option("-t, --tty", "give the command a terminal")
    .option(
      "--no-stdin",
      "give the command no input, for loops that read standard input themselves (as ssh -n)",
    )
    .option("--timeout <seconds>", "end the run after that time")
    .option(
      "--boot-timeout <seconds>",
      "end the run if the command has not started by then (default: 300, emulated 900; none: no limit)",
    )
    .option("--fail-on <kinds>", "kinds of kernel warnings that count as failures: warn,lockdep,kasan,...")
    .option("--bisect", "exit codes for git bisect run")
    .option("--console <file>", "write the kernel's console to this file; - for standard error")
    .option("--report <file>", "write a report as JSON")
    .option("--junit <file>", "write a report as JUnit XML")
    .optionsGroup("The machine:")
    .option("-c, --cpus <number>", "number of CPUs (default: the configuration's; in the embedded guest 1)")
    .option(
      "-m, --memory <size>",
      "memory, as QEMU writes it (default: the configuration's; in the embedded guest 1G)",
    )
    .optionsGroup("The embedded guest (no name):")
    .option("--root <directory>", "boot on this root instead of /")
    .option("--rw <directory>", "share a directory read-write (repeatable)", collect)
    .option("--ro <directory>", "share a directory read-only (repeatable)", collect)
    .option("--expose <path>", "do not hide this path of the host, such as ~/.ssh (repeatable)", collect)
    .option("--user", "run as you, not as root")
    .option("--systemd", "boot with the root's systemd; the command runs once basic.target is reached")
    .option(
      "--network <kind>",
      "none (loopback only), user (whatever this host's user can reach) or isolated (default: network in config.json, else none)",
    );
  addGitOptions(addDebugOptions(described))
    .addHelpText("after", examples)
    .action(async (name: string | undefined, options: RunOptions) => {
      if (name !== undefined) refusePackages([name], "VM");
      checkRunOptions(name, options);
      const host = ownHost(context);
      // A kernel may have been named in the place of a VM: then that is what is wrong.
      if (name !== undefined && options.exec !== undefined && options.kernel === undefined) {
        const { loadVmConfig } = await import("../run/vm-run.js");
        await loadVmConfig(name, { hasKernel: false }, host);
      }
      const request = runRequest(name, options, context.afterDashes);
      if (request.operation === "run-command") {
        const { runInGuest } = await import("../run/command-run.js");
        await runInGuest(request, options, context);
      } else {
        const { runVirtualMachine } = await import("../run/vm-run.js");
        await runVirtualMachine(request, options, host, context);
      }
    });
}
