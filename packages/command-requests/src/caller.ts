/** Who types a command: what counts besides its words. */
export interface Caller {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the person stands; absolute. */
  readonly cwd: string;
  /** What stands after the first `--`: QEMU's options, untouched. Absent where there is no `--`. */
  readonly afterDashes?: readonly string[];
}

/** What every command takes. */
export interface DryRun {
  readonly dryRun?: true;
}

/** What a command takes that tells something, as text or as data. */
export interface JsonOption extends DryRun {
  readonly json?: true;
}
