/** The words of a command line, and what is behind the place where our options end. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly afterDashes?: readonly string[];
}

/** Commands whose own options stand before the guest's name; all that is behind it is a program's for the guest. */
const withProgram: readonly (string | undefined)[] = ["exec", "ssh"];

/** Commands that hand to QEMU what follows `--`. */
const withQemu: readonly (string | undefined)[] = ["run", "start"];

/** Whose words stand behind the place where a command's own end. */
export function ownerOfRest(command: string): "program" | "qemu" | undefined {
  if (withProgram.includes(command)) return "program";
  return withQemu.includes(command) ? "qemu" : undefined;
}

/**
 * For `vm run` and `vm start`, what follows `--` is QEMU's and no parser of ours sees it, nor what stands behind the guest's name of `vm exec`; elsewhere
 * `--` means what it always means.
 */
export function splitAtDashes(argv: readonly string[]): CommandLine {
  const owner = argv[0] === undefined ? undefined : ownerOfRest(argv[0]);
  if (owner === "program") {
    const name = argv.findIndex((word, at) => at > 0 && !word.startsWith("-"));
    const behind = name === -1 ? argv.length : name + 1;
    const rest = argv.slice(behind);
    return { words: argv.slice(0, behind), afterDashes: rest[0] === "--" ? rest.slice(1) : rest };
  }
  const dashes = owner === "qemu" ? argv.indexOf("--") : -1;
  if (dashes === -1) return { words: argv };
  return { words: argv.slice(0, dashes), afterDashes: argv.slice(dashes + 1) };
}
