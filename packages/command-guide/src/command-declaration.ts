/** A command as data: what its parser takes, and what a person is told of it. */
export interface CommandDeclaration {
  /** In their order. */
  readonly arguments?: readonly DeclaredArgument[];
  /** What follows its names in the synopsis, where that is not all its options and arguments. */
  readonly usage?: string;
  /** Those that stand under no heading of their own. */
  readonly options?: readonly DeclaredOption[];
  readonly groups?: readonly OptionGroup[];
  /** What its help says after the options: paragraphs, and examples under the line `Examples:`. */
  readonly notes?: string;
  readonly commands?: readonly Subcommand[];
}

/** As the synopsis has it: `<name>`, `[file]`, `<names...>`. */
export type DeclaredArgument = readonly [term: string, about: string];

/** `-k, --kernel <build>`: a value in `<>` has to follow, one in `[]` may; `<name...>` may be several words. */
export type DeclaredOption = readonly [flags: string, about: string, kind?: OptionKind];

/** What an option's flags do not say. */
export interface OptionKind {
  /** It may be given again: its values are a list. */
  readonly repeatable?: true;
  readonly required?: true;
  readonly default?: string;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  /** It is not in the help text. */
  readonly isHidden?: true;
}

/** Options under a heading of the help text. */
export interface OptionGroup {
  /** `The machine:` */
  readonly heading: string;
  readonly options: readonly DeclaredOption[];
}

/** A command and what it does, in a few words. */
export interface NamedCommand {
  readonly name: string;
  /** Another, shorter name of it. */
  readonly alias?: string;
  readonly summary: string;
  /** Whose words stand behind the place where its own options end; absent: its own arguments. */
  readonly rest?: "program" | "qemu";
}

export interface Subcommand extends NamedCommand, CommandDeclaration {}
