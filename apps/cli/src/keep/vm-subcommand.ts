import type { Command } from "commander";

/** A subcommand about one virtual machine, its first argument: `vm disk add NAME`. */
export function addVmSubcommand(command: Command, name: string, summary: string): Command {
  return command
    .command(name)
    .summary(summary)
    .description(summary)
    .exitOverride()
    .showHelpAfterError(`(vm ${command.name()} ${name} --help explains the options)`)
    .argument("<name>", "name of the virtual machine");
}
