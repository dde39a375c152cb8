import { resumeCommand } from "@vm/command-guide";
import { resumeGuest } from "@vm/operations";
import { guestAction } from "../background/guest-action.js";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";

export const define: CommandModule["define"] = definition(
  resumeCommand,
  guestAction((guest, host) => resumeGuest({ operation: "resume", guest }, host)),
);
