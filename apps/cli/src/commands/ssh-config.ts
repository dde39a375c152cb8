import type { DryRun } from "@vm/command-requests";
import { sshConfig } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { repeatingScript } from "../reach/repeating-script.js";

const examples = `
With it ssh, scp, rsync and editors call a guest vm-NAME; no network is needed. It stays right when the guest is started anew.

Examples:
  vm ssh-config TestVM >> ~/.ssh/config
  ssh vm-TestVM
  rsync -a ./tests/ vm-TestVM:/tmp/tests/
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<names...>", "names of guests that run")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action((names: readonly string[], { dryRun }: DryRun) => {
      if (dryRun === true) writeOutput(repeatingScript(["ssh-config", ...names]));
      else writeOutput(sshConfig({ operation: "ssh-config", guests: names }, ownHost(context)));
    });
}
