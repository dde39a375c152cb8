import { type DryRun, parseDuration, usageError } from "@vm/command-requests";
import { renderJson, waitForGuest, type WaitRequest } from "@vm/operations";
import type { Command } from "commander";
import { ownScript } from "../background/own-script.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun {
  readonly for: string;
  readonly timeout?: string;
  readonly json?: true;
}

const examples = `
What has happened already since the start of the guest counts. Ends with 253 when the time is over, with 254 when the guest
ends and it has not happened.

Examples:
  vm start TestVM --no-wait && vm wait TestVM --for up
  vm wait TestVM --for panic --timeout 10m
`;

const waited: readonly WaitRequest["event"][] = ["up", "exit", "panic"];

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of a guest in the background")
    .requiredOption("--for <event>", "up, exit or panic")
    .option("--timeout <seconds>", "give up after that time (default: never)")
    .option("--json", "print the event as JSON")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, options: Options) => {
      const event = waited.find((known) => known === options.for);
      if (event === undefined) throw usageError(`--for: expected ${waited.join(", ")}, got '${options.for}'`);
      const { timeout } = options;
      const request: WaitRequest = {
        operation: "wait",
        guest,
        event,
        ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
      };
      const host = ownHost(context);
      if (options.dryRun === true) {
        writeOutput(ownScript(host));
        return;
      }
      const found = await waitForGuest(request, host);
      if (options.json === true) writeOutput(renderJson(found));
    });
}
