import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  completionCommand,
  completionShells,
  helpTopics,
  readShellLine,
  shellAnswer,
  type CompletionShell,
} from "@vm/command-guide";
import { type DryRun, usageError } from "@vm/command-requests";
import type { Command } from "commander";
import { describeCommand } from "../command-description.js";
import type { CommandContext, CommandEntry, CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { print } from "../dry-run.js";
import { helpOfAll } from "../global-options.js";
import { ownFiles } from "../own-files.js";
import { ownHost } from "../own-host.js";

/** The command over all commands, itself among them. */
export function completionOf(commands: readonly CommandEntry[]): CommandModule {
  return {
    define(command, context) {
      definition(completionCommand, () => async (name: string, words: readonly string[], options: DryRun) => {
        const shell = completionShells.find((each) => each === name);
        if (shell === undefined) {
          throw usageError(`vm completion: expected ${completionShells.join(", ")}, got '${name}'`);
        }
        const text = words.length === 0 ? readScript(shell) : await answer(shell, words);
        print(text, options);
      })(command, context);
      async function answer(shell: CompletionShell, words: readonly string[]): Promise<string> {
        const line = readShellLine(shell, words);
        const program = await programFor(line.words, command, commands, context);
        return shellAnswer(shell, line, describeCommand(program), ownHost(context));
      }
    },
  };
}

function readScript(shell: CompletionShell): string {
  return readFileSync(join(ownFiles("completion"), `vm.${shell}`), "utf8");
}

/** All commands by name; of the one that the words begin with, its options too. */
async function programFor(
  words: readonly string[],
  command: Command,
  commands: readonly CommandEntry[],
  context: CommandContext,
): Promise<Command> {
  const program = command
    .createCommand("vm")
    .configureHelp(helpOfAll)
    .helpOption("-h, --help", "display help for command");
  program.option("-V, --version", "print the version");
  const wanted = words.find((word) => !word.startsWith("-"));
  for (const { name, alias, summary, load } of commands) {
    const each = program.command(name).summary(summary);
    if (alias !== undefined) each.alias(alias);
    if (name === wanted || alias === wanted) (await load()).define(each, context);
  }
  const help = program.command("help").summary("help for a command, or a topic");
  for (const { name, summary } of commands) help.command(name).summary(summary);
  // Only where they are asked for: each is a file to read.
  for (const { name, about: title } of wanted === "help" ? helpTopics(ownFiles("docs")) : []) {
    if (commands.every((each) => each.name !== name)) help.command(name).summary(title);
  }
  return program;
}
