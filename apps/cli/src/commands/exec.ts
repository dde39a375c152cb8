import { type DryRun, usageError } from "@vm/command-requests";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { repeatingScript } from "../reach/repeating-script.js";

interface ExecOptions extends DryRun {
  readonly tty?: true;
  /** False with `--no-stdin`. */
  readonly stdin: boolean;
}

const examples = `
Any number of commands at once, in a virtual machine or an embedded guest that runs; no network is needed. The options stand before the guest's
name. What is behind it is one program and its arguments, each exactly as it is: no shell reads them.

Examples:
  vm exec TestVM uname -r
  vm exec TestVM sh -c 'dmesg | tail'
  tar c . | vm exec TestVM tar x -C /tmp
  vm exec -t TestVM top
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the guest")
    .usage("[options] <name> <program> [arguments...]")
    .option("-t, --tty", "give the command a terminal")
    .option(
      "--no-stdin",
      "give the command no input, for loops that read standard input themselves (as ssh -n)",
    )
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, { tty, stdin, dryRun }: ExecOptions) => {
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
    });
}
