import { shellCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { repeatingScript } from "../reach/repeating-script.js";

export const define: CommandModule["define"] = definition(
  shellCommand,
  (context) =>
    async (guest: string, { dryRun }: DryRun) => {
      if (dryRun === true) {
        writeOutput(repeatingScript(["shell", guest]));
        return;
      }
      const { execInGuest } = await import("../reach/exec-run.js");
      await execInGuest({ operation: "exec", guest, input: "terminal" }, ownHost(context), context);
    },
);
