import { invalid } from "./option-check.js";

/** What a shell would not take for part of a word; nothing is expanded here, so it would be a surprise. */
const OPERATOR = /[$`|&;<>()*?[\]{}~#!\\]/u;

/**
 * The words of a command as a person types them: separated by blanks, with '...' and "..." around what holds blanks. It is
 * no shell: what only a shell would understand is refused by name.
 * @throws `INSTALL_OPTION_INVALID`
 */
export function splitWords(command: string, name: string): string[] {
  const words: string[] = [];
  const part = /'([^']*)'|"([^"\\$`]*)"|([^\s'"]+)|(\s+)|(.)/gsu;
  let word: string | undefined;
  for (const [, single, double, bare, blank, rest] of command.matchAll(part)) {
    const operator = bare === undefined ? null : OPERATOR.exec(bare);
    const refused = rest ?? operator?.[0];
    if (refused !== undefined) {
      throw invalid(`${name}: ${refused} means something to a shell, and this is not read by one`, {
        hint: "Write one plain command with its arguments; '...' keeps blanks and everything else.",
      });
    }
    if (blank === undefined) {
      word = (word ?? "") + (single ?? double ?? bare ?? "");
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw invalid(`${name}: expected a command, got nothing`);
  return words;
}
