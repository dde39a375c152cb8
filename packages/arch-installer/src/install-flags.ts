import { INSTALL_OPTIONS, type InstallOption } from "./install-option.js";

/** An option as a parser of command lines takes it. */
export interface InstallFlag {
  /** `--hostname <name>` */
  readonly flags: string;
  /** For the help text, with its default. */
  readonly about: string;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  /** It is not in the help text. */
  readonly isHidden?: true;
}

/**
 * Every option of the installation, and `--config`. None has a default here, so that what the person did not write can come
 * from a configuration file: the values are `InstallArguments`.
 */
export const installFlags: readonly InstallFlag[] = [
  ...INSTALL_OPTIONS.flatMap((option): InstallFlag[] => {
    const { flags, choices } = option;
    const flag = { flags, about: describe(option), ...(choices === undefined ? {} : { choices }) };
    // With its positive form there, a negative flag has no default.
    return flags.startsWith("--no-")
      ? [{ flags: flags.replace("--no-", "--"), about: "", isHidden: true }, flag]
      : [flag];
  }),
  { flags: "--config <file>", about: "JSON file with any of these options, by their names" },
];

function describe({ description, type, default: value }: InstallOption): string {
  if (value === undefined || type === "boolean") return description;
  return `${description} (default: ${typeof value === "object" ? value.join(" ") : String(value)})`;
}
