import type { CommandDeclaration } from "../command-declaration.js";
import { bootOptions, machineGroup } from "../options/boot-options.js";
import { debugGroup } from "../options/debug-options.js";
import { embeddedOptions } from "../options/embedded-options.js";
import { gitGroup } from "../options/git-options.js";

export const startCommand: CommandDeclaration = {
  arguments: [["[name]", "name of the virtual machine"]],
  usage: "[options] [name] [-- QEMU OPTIONS]",
  options: bootOptions,
  groups: [
    {
      heading: "In the background:",
      options: [
        ["--name <name>", "the name that the embedded guest gets (no virtual machine)"],
        ["--no-wait", "return as soon as QEMU runs, instead of when the guest is up"],
        ["--up-timeout <seconds>", "stop waiting after that time; the guest goes on (default: 900)"],
        ["--json", "print the name and how the guest showed that it is up, as JSON"],
      ],
    },
    machineGroup,
    {
      heading: "The embedded guest (no virtual machine):",
      options: [...embeddedOptions],
    },
    debugGroup,
    gitGroup,
  ],
  notes: `
The guest runs on when this command, the terminal and the login have ended. It is up when its console asks for a login, when its ssh server
answers (where QEMU forwards a port to the guest's port 22), or, in the embedded guest, when a shell is on its console.
What follows -- goes to QEMU unchanged. A command in the guest is for vm run --exec.

Examples:
  vm start TestVM
  vm start TestVM -k ~/linux                the kernel just built there, with its modules
  vm start -k ~/linux --name try            the embedded guest, with a shell on its console
  vm console TestVM                         its console; Ctrl-] leaves it
  vm stop TestVM
`,
};
