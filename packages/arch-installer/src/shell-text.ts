import { quoteShell } from "@vm/command-plan";

/** Part of a function's body: a line, in which quoted words may hold newlines, or a command with the text that it reads. */
export type Statement = string | HereDocument;

interface HereDocument {
  readonly command: string;
  /** Ends in a newline. */
  readonly text: string;
}

/** A command that reads `text` on its standard input, exactly as it is. `text` ends in a newline. */
export function withInput(reader: string, text: string): HereDocument {
  return { command: reader, text };
}

/**
 * Writes a file with that text, which ends in a newline, and is not empty. Its directory is there. Where programs start
 * slowly, none is needed for it.
 */
export function writeFile(path: string, text: string): Statement {
  const line = text.slice(0, -1);
  return line.includes("\n")
    ? { command: command("write_file", path), text }
    : `printf '%s\\n' ${quoteShell(line)} > ${quoteShell(path)}`;
}

/** The function that `writeFile` calls. */
export const WRITE_FILE = `write_file() {
  local text
  # There is no NUL to read up to, so that read says 1 at the end.
  IFS= read -r -d '' text || [[ -n $text ]]
  printf '%s' "$text" > "$1" || die "$1 cannot be written"
}
`;

/** One command, each word quoted. */
export function command(...words: readonly string[]): string {
  return words.map((word) => quoteShell(word)).join(" ");
}

/** A command in the new system. */
export function inNewSystem(...words: readonly string[]): string {
  return command("arch-chroot", "/mnt", ...words);
}

/** A shell function. */
export function shellFunction(name: string, body: readonly Statement[]): string {
  return `${name}() {\n${body.map(renderStatement).join("\n")}\n}\n`;
}

function renderStatement(statement: Statement): string {
  // The first line only: what follows is inside of quotes.
  if (typeof statement === "string") return statement === "" ? "" : `  ${statement}`;
  const { command: line, text } = statement;
  const delimiter = delimiterFor(text);
  return `  ${line} <<'${delimiter}'\n${text}${delimiter}`;
}

function delimiterFor(text: string): string {
  const lines = new Set(text.split("\n"));
  let delimiter = "EOF";
  for (let number = 2; lines.has(delimiter); number += 1) delimiter = `EOF_${number}`;
  return delimiter;
}
