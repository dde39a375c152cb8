import { toScript, type Step } from "@vm/command-plan";
import type { CommandContext } from "../command-module.js";
import { ownBin } from "../own-bin.js";

/** The steps that run this very command without its `-n`; undefined when there is no `-n` of its own to leave out. */
export function repeatedCommand({ cwd }: CommandContext): readonly Step[] | undefined {
  const words = process.argv.slice(2);
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const at = words.findIndex((word, index) => index < end && (word === "-n" || word === "--dry-run"));
  if (at === -1) return undefined;
  return [
    { kind: "change-directory", path: cwd },
    { kind: "exec", argv: [...ownBin(), ...words.toSpliced(at, 1)] },
  ];
}

/**
 * The script for a dry run that failed because a package is not unpacked, or a revision not built: this very command, which
 * does both. Throws the error again when it is another one.
 */
export function repeatedWords(error: unknown, context: CommandContext): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const steps = repeatedCommand(context);
  if (code !== "KERNEL_NOT_PREPARED" || steps === undefined) throw error;
  return toScript([
    {
      kind: "comment",
      text: "What it will be is known only after the kernel was unpacked or built: the command does both.",
    },
    ...steps,
  ]);
}
