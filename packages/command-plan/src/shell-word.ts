import { codedError } from "./coded-error.js";

/** What no shell takes for anything but itself. A leading `=` would be an expansion in an interactive zsh. */
const plain = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/**
 * Writes a word so that a POSIX shell reads exactly that word, wherever an argument may stand: bare when it is plain, else
 * in single quotes. Throws `NUL_IN_WORD`: no argument can hold a NUL byte.
 * Source: POSIX.1-2017, Shell Command Language, 2.2 Quoting.
 */
export function quoteShell(word: string): string {
  if (word.includes("\0")) {
    throw codedError("NUL_IN_WORD", "an argument or path cannot hold a NUL byte");
  }
  return plain.test(word) ? word : singleQuoted(word);
}

/** The same, always in quotes: for where a bare word could be a reserved one or an assignment. The caller knows that it holds no NUL byte. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same, for bytes that need not be UTF-8. */
export function quoteBytes(bytes: Uint8Array): Buffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(singleQuoted(Buffer.from(buffer, byteOffset, byteLength).toString("latin1")), "latin1");
}

/** A path as an operand of a utility: never taken for an option. */
export function quoteOperand(path: string): string {
  return quoteShell(path.startsWith("-") ? `./${path}` : path);
}
