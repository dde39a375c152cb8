import { checkRunOptions, refusePackages, type RunOptions, runRequest } from "@vm/command-requests";
import { withRunDefaults } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { addBootOptions, addEmbeddedOptions, addMachineOptions } from "../run/boot-options.js";
import { hasInput } from "../run/command-input.js";
import { addDebugOptions } from "../run/debug-options.js";
import { addGitOptions } from "../run/git-options.js";

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

  vm run -k . --exec ./reproduce.sh --shell       and then look around
  vm run -k .                               a shell on the kernel just built, with nothing installed
  vm run -k . --exec 'uname -r; dmesg | tail'
  git bisect run vm run -k git:HEAD --bisect --exec './reproduce.sh'
`;

export function define(command: Command, context: CommandContext): void {
  const described = addBootOptions(
    command.argument("[name]", "name of the virtual machine").usage("[options] [name] [-- QEMU OPTIONS]"),
  )
    .optionsGroup("A command in the guest:")
    .option(
      "--exec <command>",
      "run a command in the guest's sh; its input, output and exit status are passed through",
    )
    .option("--shell", "then a shell in the same guest, on this terminal; the exit code stays the command's")
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
    .option("--full", "show all of the kernel's reports in the end, with registers and code bytes")
    .option(
      "--on-fail <what>",
      "on a terminal: keep the guest of a failed command with a shell in it, with gdb at the panic, or write its memory (shell, gdb, dump)",
    )
    .option("--report <file>", "write a report as JSON")
    .option("--junit <file>", "write a report as JUnit XML");
  const embedded = addMachineOptions(described)
    .optionsGroup("The embedded guest (no name):")
    .option(
      "--name <name>",
      "by what vm exec, vm cp and the like find it while it runs (default: for a shell guest-1, guest-2...)",
    );
  addGitOptions(addDebugOptions(addEmbeddedOptions(embedded)))
    .addHelpText("after", examples)
    .action(async (name: string | undefined, options: RunOptions) => {
      if (name !== undefined) refusePackages([name], "VM");
      checkRunOptions(name, options);
      const host = ownHost(context);
      // A kernel may have been named in the place of a VM: then that is what is wrong.
      if (
        name !== undefined &&
        (options.exec ?? options.shell) !== undefined &&
        options.kernel === undefined
      ) {
        const { loadVmConfig } = await import("../run/vm-run.js");
        await loadVmConfig(name, { hasKernel: false }, host);
      }
      const asked = runRequest(name, options, { ...context, hasInput });
      const request = withRunDefaults(asked, host);
      if (request.operation === "run-command") {
        const { runInGuest } = await import("../run/command-run.js");
        await runInGuest(request, options, context);
      } else {
        const { runVirtualMachine } = await import("../run/vm-run.js");
        await runVirtualMachine(request, options, host, context);
      }
    });
}
