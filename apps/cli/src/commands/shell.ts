import { shellCommand } from "@vm/command-guide";
import type { DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { repeatingScript } from "../reach/repeating-script.js";

export const define: CommandModule["define"] = definition(
  shellCommand,
  (context) => (guest: string, options: DryRun) =>
    carryOut(
      options,
      () => repeatingScript(["shell", guest]),
      async () => {
        const { execHere } = await import("../reach/exec-run.js");
        await execHere({ operation: "exec", guest, input: "terminal" }, context);
      },
    ),
);
