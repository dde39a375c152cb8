import { type DryRun, type StopOptions, stopSettings } from "@vm/command-requests";
import { planRestart, type RestartRequest } from "@vm/operations";
import type { Command } from "commander";
import { ownScript } from "../background/own-script.js";
import { addStopOptions } from "../background/stop-options.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun, StopOptions {
  readonly wait: boolean;
}

const examples = `
The guest is stopped as vm stop does it, and started again as it was: with the same kernel, which is looked up anew, and the same options.

Examples:
  vm restart TestVM
  make && vm restart TestVM                 the kernel that was just built
`;

export function define(command: Command, context: CommandContext): void {
  addStopOptions(command.argument("<name>", "name of a guest in the background"))
    .option("--no-wait", "return as soon as QEMU runs, instead of when the guest is up")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, options: Options) => {
      const request: RestartRequest = {
        operation: "restart",
        guest,
        ...stopSettings(options),
        ...(options.wait ? {} : { until: "started" }),
      };
      const host = ownHost(context);
      const restart = planRestart(request, host);
      if (options.dryRun === true) {
        writeOutput(ownScript(host));
        return;
      }
      const { tellStarted } = await import("../background/start.js");
      await tellStarted((by) => restart.carryOut(by));
    });
}
