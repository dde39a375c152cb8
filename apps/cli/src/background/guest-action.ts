import type { DryRun } from "@vm/command-requests";
import type { Host } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { ownScript } from "./own-script.js";

/** What a command does that does one thing to a guest in the background, named by its only argument. */
export function guestAction(
  action: (name: string, host: Host) => Promise<void>,
): (context: CommandContext) => (name: string, options: DryRun) => Promise<void> {
  return (context) =>
    async (name, { dryRun }) => {
      const host = ownHost(context);
      if (dryRun === true) writeOutput(ownScript(host));
      else await action(name, host);
    };
}
