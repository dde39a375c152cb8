import { eventsCommand } from "@vm/command-guide";
import { guestEvents, renderJsonLine } from "@vm/operations";
import { untilInterrupted } from "@vm/terminal";
import { guestAction } from "../background/guest-action.js";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { writeOutput } from "../output.js";

export const define: CommandModule["define"] = definition(
  eventsCommand,
  guestAction((guest, host) =>
    untilInterrupted(async (signal) => {
      for await (const event of guestEvents({ operation: "events", guest }, host, signal))
        writeOutput(renderJsonLine(event));
    }),
  ),
);
