import type { Host } from "@vm/operations";
import type { CommandDescription } from "../command-description.js";
import { quoteForBash, readBashLine, type BashLine } from "./bash-line.js";
import { findCandidates } from "./candidates.js";

/** The shells that have a script which asks at each Tab. */
export const completionShells = ["bash", "zsh", "fish"] as const;
export type CompletionShell = (typeof completionShells)[number];

/**
 * The line before the cursor, as a shell's script hands it over.
 * @param words for bash the line and COMP_WORDBREAKS, for the others the words, the one at the cursor last
 */
export function readShellLine(shell: CompletionShell, words: readonly string[]): BashLine {
  if (shell === "bash") {
    const [text = "", breaks = ""] = words;
    const line = readBashLine(text, breaks);
    // The command itself, behind what is put into its environment.
    const own = line.words.findIndex((word) => !/^\w+=/.test(word));
    return { ...line, words: line.words.slice(own + 1) };
  }
  return { words: words.slice(0, -1), current: words.at(-1) ?? "", kept: 0, quote: "" };
}

/**
 * What the script is answered: whether files are good too and after how many characters of the word they begin, then a line for each
 * candidate, as `vm completion --help` has it.
 */
export function shellAnswer(
  shell: CompletionShell,
  line: BashLine,
  program: CommandDescription,
  host: Host,
): string {
  const { words, files, fileAt } = findCandidates(program, line, host);
  const lines = words.map(({ word, about, end }) => {
    if (shell === "bash") return `${end} ${quoteForBash(word.slice(line.kept), line.quote)}`;
    return shell === "zsh" ? `${end} ${word}\t${about}` : `${word}\t${about}`;
  });
  return `${[`${files} ${fileAt}`, ...lines].join("\n")}\n`;
}
