import { execCommand } from "@vm/command-guide";
import { execRequest, execWords, type ExecOptions } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { repeatingScript } from "../reach/repeating-script.js";

export const define: CommandModule["define"] = definition(
  execCommand,
  (context) => async (guest: string, options: ExecOptions) => {
    const request = execRequest(guest, context.afterDashes ?? [], options);
    await carryOut(
      options,
      () => repeatingScript(execWords(request)),
      async () => {
        const { execHere } = await import("../reach/exec-run.js");
        await execHere(request, context);
      },
    );
  },
);
