import { refusePackages, type StartOptions, startRequest } from "@vm/command-requests";
import { startScript, withRunDefaults } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { addBootOptions, addEmbeddedOptions, addMachineOptions } from "../run/boot-options.js";
import { hasInput } from "../run/command-input.js";
import { addDebugOptions } from "../run/debug-options.js";
import { addGitOptions } from "../run/git-options.js";

const examples = `
The guest runs on when this command, the terminal and the login have ended. It is up when its console asks for a login, when its ssh server
answers (where QEMU forwards a port to the guest's port 22), or, in the embedded guest, when a shell is on its console.
What follows -- goes to QEMU unchanged. A command in the guest is for vm run --exec.

Examples:
  vm start TestVM
  vm start TestVM -k ~/linux                the kernel just built there, with its modules
  vm start -k ~/linux --name try            the embedded guest, with a shell on its console
  vm console TestVM                         its console; Ctrl-] leaves it
  vm stop TestVM
`;

export function define(command: Command, context: CommandContext): void {
  const described = addBootOptions(
    command.argument("[name]", "name of the virtual machine").usage("[options] [name] [-- QEMU OPTIONS]"),
  )
    .optionsGroup("In the background:")
    .option("--name <name>", "the name that the embedded guest gets (no virtual machine)")
    .option("--no-wait", "return as soon as QEMU runs, instead of when the guest is up")
    .option("--up-timeout <seconds>", "stop waiting after that time; the guest goes on (default: 900)")
    .option("--json", "print the name and how the guest showed that it is up, as JSON");
  const embedded = addMachineOptions(described).optionsGroup("The embedded guest (no virtual machine):");
  addGitOptions(addDebugOptions(addEmbeddedOptions(embedded)))
    .addHelpText("after", examples)
    .action(async (name: string | undefined, options: StartOptions) => {
      if (name !== undefined) refusePackages([name], "VM");
      const host = ownHost(context);
      const asked = startRequest(name, options, { ...context, hasInput });
      const request = { ...asked, run: withRunDefaults(asked.run, host) };
      if (options.dryRun === true) {
        writeOutput(await startScript(request, host));
        return;
      }
      const { startGuest, tellStarted } = await import("../background/start.js");
      await tellStarted((by) => startGuest(request, by, host), options);
    });
}
