import { INSTALL_OPTIONS, type InstallOption } from "./install-option.js";

/** What the options are added to: commander's `Command`, which this package does not load. */
interface OptionHost<O extends { choices(values: readonly string[]): unknown }> {
  createOption(flags: string, description: string): O;
  addOption(option: O): unknown;
}

/**
 * Adds every option to a command of commander, and `--config`. None has a default there, so that what the person did not
 * write can come from a configuration file: the values are `InstallArguments`.
 */
export function addInstallOptions<
  O extends { choices(values: readonly string[]): unknown; hideHelp(): unknown },
>(command: OptionHost<O>): void {
  for (const option of INSTALL_OPTIONS) {
    if (option.flags.startsWith("--no-")) {
      // With its positive form there, a negative flag has no default.
      const positive = command.createOption(option.flags.replace("--no-", "--"), "");
      positive.hideHelp();
      command.addOption(positive);
    }
    const added = command.createOption(option.flags, describe(option));
    if (option.choices !== undefined) added.choices(option.choices);
    command.addOption(added);
  }
  command.addOption(
    command.createOption("--config <file>", "JSON file with any of these options, by their names"),
  );
}

function describe({ description, type, default: value }: InstallOption): string {
  if (value === undefined || type === "boolean") return description;
  return `${description} (default: ${typeof value === "object" ? value.join(" ") : String(value)})`;
}
