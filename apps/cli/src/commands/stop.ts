import { type DryRun, type StopOptions, stopSettings, usageError } from "@vm/command-requests";
import { describeStopped, guestsToStop, renderJson, stopGuests, type StopRequest } from "@vm/operations";
import type { Command } from "commander";
import { ownScript } from "../background/own-script.js";
import { addStopOptions } from "../background/stop-options.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun, StopOptions {
  readonly all?: true;
  readonly json?: true;
}

const examples = `
A guest is asked to power off, as if its button were pressed. After 90 seconds (--timeout) QEMU is told to quit, and killed where it does not.

Examples:
  vm stop TestVM
  vm stop TestVM OtherVM
  vm stop --all --timeout 30
`;

export function define(command: Command, context: CommandContext): void {
  addStopOptions(
    command
      .argument("[names...]", "names of guests")
      .option("--all", "all guests in the background of this directory of virtual machines"),
  )
    .option("--json", "print how each of them ended, as JSON")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (names: readonly string[], options: Options) => {
      const { all, json, dryRun } = options;
      if ((all === true) === names.length > 0) {
        throw usageError(
          all === true ? "--all and names exclude each other" : "which guest?",
          "vm stop NAME, or vm stop --all",
        );
      }
      const request: StopRequest = {
        operation: "stop",
        guests: all === true ? "all" : names,
        ...stopSettings(options),
      };
      const host = ownHost(context);
      if (dryRun === true) {
        guestsToStop(request, host);
        writeOutput(ownScript(host));
        return;
      }
      const { stopped, failure } = await stopGuests(request, host);
      if (json === true) writeOutput(renderJson(stopped));
      for (const each of stopped) {
        const said = describeStopped(each);
        if (said !== undefined && options.force !== true) writeNotice(said);
      }
      if (failure !== undefined) throw failure;
    });
}
