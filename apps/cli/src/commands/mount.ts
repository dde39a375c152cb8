import type { DryRun } from "@vm/command-requests";
import { mountPlan, type MountRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

interface MountOptions extends DryRun {
  readonly from?: string;
  readonly readOnly?: true;
}

const examples = `
It needs sshfs, and no network. fusermount3 -u DIRECTORY unmounts it.

Examples:
  vm mount TestVM /mnt/guest
  vm mount TestVM --from /var/log --read-only ./logs
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the guest")
    .argument("<directory>", "a directory of this machine")
    .option("--from <directory>", "the guest's directory (default: /)")
    .option("--read-only", "nothing can be changed through it")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, directory: string, { from, readOnly, ...options }: MountOptions) => {
      const request: MountRequest = {
        operation: "mount",
        guest,
        directory,
        ...(from === undefined ? {} : { from }),
        ...(readOnly === true ? { access: "read-only" } : {}),
      };
      const plan = await mountPlan(request, options.dryRun === true ? "script" : "run", ownHost(context));
      await runPlan(plan, options, context);
    });
}
