import type { CommandDeclaration } from "../command-declaration.js";
import { bootOptions, machineGroup } from "../options/boot-options.js";
import { debugGroup } from "../options/debug-options.js";
import { embeddedOptions } from "../options/embedded-options.js";
import { gitGroup } from "../options/git-options.js";

export const runCommand: CommandDeclaration = {
  arguments: [["[name]", "name of the virtual machine"]],
  usage: "[options] [name] [-- QEMU OPTIONS]",
  options: bootOptions,
  groups: [
    {
      heading: "A command in the guest:",
      options: [
        [
          "--exec <command>",
          "run a command in the guest's sh; its input, output and exit status are passed through",
        ],
        ["--shell", "then a shell in the same guest, on this terminal; the exit code stays the command's"],
        ["-t, --tty", "give the command a terminal"],
        [
          "--no-stdin",
          "give the command no input, for loops that read standard input themselves (as ssh -n)",
        ],
        ["--timeout <seconds>", "end the run after that time"],
        [
          "--boot-timeout <seconds>",
          "end the run if the command has not started by then (default: 300, emulated 900; none: no limit)",
        ],
        ["--fail-on <kinds>", "kinds of kernel warnings that count as failures: warn,lockdep,kasan,..."],
        ["--bisect", "exit codes for git bisect run"],
        ["--console <file>", "write the kernel's console to this file; - for standard error"],
        ["--full", "show all of the kernel's reports in the end, with registers and code bytes"],
        [
          "--on-fail <what>",
          "on a terminal: keep the guest of a failed command with a shell in it, with gdb at the panic, or write its memory (shell, gdb, dump)",
        ],
        ["--report <file>", "write a report as JSON"],
        ["--junit <file>", "write a report as JUnit XML"],
      ],
    },
    machineGroup,
    {
      heading: "The embedded guest (no name):",
      options: [
        [
          "--name <name>",
          "by what vm exec, vm cp and the like find it while it runs (default: for a shell guest-1, guest-2...)",
        ],
        ...embeddedOptions,
      ],
    },
    debugGroup,
    gitGroup,
  ],
  notes: `
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
`,
};
