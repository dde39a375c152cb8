/** A command as a person meets it: plain data, whatever parser a program has. */
export interface CommandDescription {
  /** Its own name, the last word of `path`. */
  readonly name: string;
  /** Its names below the program's, with spaces between: `kconfig merge`; empty for the program itself. */
  readonly path: string;
  readonly aliases: readonly string[];
  /** What it does, in a few words. */
  readonly summary: string;
  /** The same at more length; else the summary again. */
  readonly about: string;
  /** What follows its names in the synopsis: `[options] <name>`. */
  readonly usage: string;
  readonly arguments: readonly ArgumentDescription[];
  /** In the order of the help text, the one for help among them. */
  readonly options: readonly OptionDescription[];
  readonly commands: readonly CommandDescription[];
  /** What its help says after the options: paragraphs, and examples under the line `Examples:`. */
  readonly notes: string;
  /** Whose words stand behind the place where its own options end; absent: its own arguments. */
  readonly rest?: "program" | "qemu";
}

export interface ArgumentDescription {
  readonly name: string;
  readonly about: string;
  /** It may be several words. */
  readonly isVariadic: boolean;
  /** The only words that it may be. */
  readonly choices?: readonly string[];
}

export interface OptionDescription {
  /** With the dash: `-k`. */
  readonly short?: string;
  /** With the dashes: `--kernel`. */
  readonly long?: string;
  /** How the help text shows it: `-k, --kernel <build>`. */
  readonly term: string;
  readonly about: string;
  /** The same, with its choices and its default as the help text has them. */
  readonly detail: string;
  /** The heading that it stands under in the help text; empty for none. */
  readonly group: string;
  /** Whether a value has to follow, or may. */
  readonly value: "none" | "optional" | "required";
  /** What stands between the brackets: `build`; absent where it takes no value. */
  readonly placeholder?: string;
  /** The value may be several words. */
  readonly isVariadic: boolean;
  readonly choices?: readonly string[];
  /** It is not in the help text. */
  readonly isHidden: boolean;
}

/** How the help text names an option that has several names: the long one. */
export function optionName({ long, short }: OptionDescription): string {
  return long ?? short ?? "";
}
