import type { Host } from "@vm/operations";
import { commandList } from "../command-list.js";
import { describeHelp, describeProgram } from "../describe-command.js";
import { helpTopics } from "../manual/help-topics.js";
import { quoteForBash, readBashLine, type BashLine } from "./bash-line.js";
import { findCandidates } from "./candidates.js";

/** The shells that have a script which asks at each Tab. */
export const completionShells = ["bash", "zsh", "fish"] as const;
export type CompletionShell = (typeof completionShells)[number];

/**
 * The line before the cursor, as a shell's script hands it over.
 * @param words for bash the line and COMP_WORDBREAKS, for the others the words, the one at the cursor last
 */
function readShellLine(shell: CompletionShell, words: readonly string[]): BashLine {
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
 * What the script is answered at a Tab: whether files are good too and after how many characters of the word they begin, then a line for
 * each candidate, as `vm completion --help` has it.
 * @param documents the directory of the topics of help
 */
export function shellAnswer(
  shell: CompletionShell,
  given: readonly string[],
  { host, documents }: { readonly host: Host; readonly documents: string },
): string {
  const line = readShellLine(shell, given);
  const program = describeProgram();
  // Topics only where they are asked for: each is a file to read.
  const wanted = line.words.find((word) => !word.startsWith("-"));
  const topics = (wanted === "help" ? helpTopics(documents) : [])
    .filter(({ name }) => commandList.every((each) => each.name !== name))
    .map(({ name, about }) => ({ name, summary: about }));
  const all = { ...program, commands: [...program.commands, describeHelp(topics)] };
  const { words, files, fileAt } = findCandidates(all, line, host);
  const lines = words.map(({ word, about, end }) => {
    if (shell === "bash") return `${end} ${quoteForBash(word.slice(line.kept), line.quote)}`;
    return shell === "zsh" ? `${end} ${word}\t${about}` : `${word}\t${about}`;
  });
  return `${[`${files} ${fileAt}`, ...lines].join("\n")}\n`;
}
