import { pauseCommand } from "@vm/command-guide";
import { pauseGuest } from "@vm/operations";
import { guestAction } from "../background/guest-action.js";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";

export const define: CommandModule["define"] = definition(
  pauseCommand,
  guestAction((guest, host) => pauseGuest({ operation: "pause", guest }, host)),
);
