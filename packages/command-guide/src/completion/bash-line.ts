/** A command line of bash up to the cursor, as far as completion has to know it. */
export interface BashLine {
  /** All words before the one at the cursor, with the quotes taken off. */
  readonly words: readonly string[];
  /** The word at the cursor. */
  readonly current: string;
  /** How much of `current` stands before the part that readline replaces. */
  readonly kept: number;
  /** In which quotes that part stands. */
  readonly quote: "" | "'" | '"';
}

/**
 * Reads a simple command. readline replaces what follows the last unquoted character of `breaks` (`COMP_WORDBREAKS`), or the quote
 * that is still open. Nothing is expanded.
 */
export function readBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let current = "";
  let isWord = false;
  let kept = 0;
  let quote: BashLine["quote"] = "";
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (quote === "'" || (quote === '"' && char === '"')) {
      if (char === quote) quote = "";
      else current += char;
    } else if (char === "\\") {
      const next = line.charAt(at + 1);
      const isLiteral = quote === '"' && !/["$`\\]/.test(next);
      current += isLiteral ? `\\${next}` : next;
      isWord = true;
      at += 1;
    } else if (quote === '"') {
      current += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      isWord = true;
      kept = current.length;
    } else if (/\s/.test(char)) {
      if (isWord) words.push(current);
      [current, isWord, kept] = ["", false, 0];
    } else {
      current += char;
      isWord = true;
      if (breaks.includes(char)) kept = current.length;
    }
  }
  return { words, current, kept, quote };
}

/** The part of a word that readline puts in, quoted as the place wants it. */
export function quoteForBash(text: string, quote: BashLine["quote"]): string {
  if (quote === "'") return text.replaceAll("'", String.raw`'\''`);
  if (quote === '"') return text.replaceAll(/["$`\\]/g, String.raw`\$&`);
  return text.replaceAll(/[^\w%+,./:=@^-]/gu, (char) => (/[\p{L}\p{N}]/u.test(char) ? char : `\\${char}`));
}
