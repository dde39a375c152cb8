import type { NamedCommand } from "@vm/command-guide";
import type { Caller } from "@vm/command-requests";
import type { Command } from "commander";

/** What each file in `commands/` exports: options, arguments and action of one subcommand. */
export interface CommandModule {
  /** Adds options, arguments, examples and the action to `command`. */
  define(command: Command, context: CommandContext): void;
}

/** What a command gets from the process. */
export interface CommandContext extends Caller {
  /** The kernels that the command line names, as typed; undefined where that command is `vm doctor`. */
  namedKernels?(this: void): readonly string[] | undefined;
  /** Says what the process ends with; only the bin sets it. */
  setExitCode(code: number): void;
}

/** A command of `vm`, as the table of commands has it. */
export interface CommandEntry extends NamedCommand {
  /** Loads the command's own code: each run reads only the command that it uses. */
  load(this: void): Promise<CommandModule>;
}
