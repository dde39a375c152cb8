import { execCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { type DryRun, usageError } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { repeatingScript } from "../reach/repeating-script.js";

interface ExecOptions extends DryRun {
  readonly tty?: true;
  /** False with `--no-stdin`. */
  readonly stdin: boolean;
}

export const define: CommandModule["define"] = definition(
  execCommand,
  (context) =>
    async (guest: string, { tty, stdin, dryRun }: ExecOptions) => {
      const { afterDashes: words = [] } = context;
      if (words.length === 0) {
        throw usageError(
          "which command?",
          `vm shell ${guest} is a shell; vm exec ${guest} PROGRAM ARGUMENTS a command.`,
        );
      }
      if (words[0]?.startsWith("-") === true) {
        throw usageError(`'${words[0]}' is no program`, "Options of vm exec stand before the guest's name.");
      }
      if (tty === true && !stdin) {
        throw usageError("--no-stdin and -t exclude each other", "Leave out one of --no-stdin and -t.");
      }
      if (dryRun === true) {
        const options = [...(tty === true ? ["-t"] : []), ...(stdin ? [] : ["--no-stdin"])];
        writeOutput(repeatingScript(["exec", ...options, guest, "--", ...words]));
        return;
      }
      const { execInGuest } = await import("../reach/exec-run.js");
      const input = tty === true ? "terminal" : stdin ? "pipe" : "none";
      await execInGuest({ operation: "exec", guest, command: words, input }, ownHost(context), context);
    },
);
