import { quoteShell } from "./shell-word.js";

/** `delimiter` is no part of the text; the text ends in a newline. */
export interface HereDocument {
  readonly kind: "here-document";
  readonly text: string;
  readonly delimiter: string;
}

/** How a script hands bytes to a command: as they are, or printed by printf(1). */
export type Source = HereDocument | { readonly kind: "command"; readonly command: string };

/** Where a chunk of printf's arguments ends, in characters of the script. */
const chunkLength = 72;

/** Everything a terminal or an editor might not show or keep as it is, but the line feed and the tab. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/u;
const invisibleInText = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/u;

/** Chooses the form that a person reads best among those that keep every byte. */
export function sourceOf(content: string | Uint8Array): Source {
  if (content.length === 0) return { kind: "command", command: "printf ''" };
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const text = decode(bytes);
  if (text === null) {
    const table = Array.from({ length: 256 }, (_, byte) => escapedByte(byte));
    return printed(bytes, (byte) => table[byte] ?? "");
  }
  if (invisibleInText.test(text)) return printed(text, escaped);
  if (text.endsWith("\n")) return { kind: "here-document", text, delimiter: delimiterFor(text) };
  if (!text.includes("\n")) return { kind: "command", command: `printf %s ${quoteShell(text)}` };
  return printed(text, escaped);
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** No part of the text, in whatever case: neither the shell nor a reader can take a line for the end. */
function delimiterFor(text: string): string {
  const haystack = text.toUpperCase();
  let delimiter = "EOF";
  for (let number = 1; haystack.includes(delimiter); number += 1) delimiter = `END_${number}`;
  return delimiter;
}

/** printf's %b: POSIX asks for \\ \n \t and \0ooo, and every byte can be written as the last one. */
function printed<T>(content: Iterable<T>, escape: (unit: T) => string): Source {
  const words: string[] = [];
  // Joined, not added up: a sum of many strings keeps them all.
  let pieces: string[] = [];
  let length = 0;
  for (const unit of content) {
    const piece = escape(unit);
    pieces.push(piece);
    length += piece.length;
    if (piece === lineFeed || length >= chunkLength) {
      words.push(pieces.join(""));
      pieces = [];
      length = 0;
    }
  }
  if (length > 0) words.push(pieces.join(""));
  const whole = words.join("");
  const chunks = whole.length <= chunkLength ? [whole] : words;
  const separator = chunks.length === 1 ? " " : " \\\n    ";
  return {
    kind: "command",
    command: ["printf %b", ...chunks.map((each) => quoteShell(each))].join(separator),
  };
}

const lineFeed = String.raw`\n`;

function escaped(character: string): string {
  if (character === "\\") return String.raw`\\`;
  if (character === "\n") return lineFeed;
  if (character === "\t") return String.raw`\t`;
  if (!invisible.test(character)) return character;
  return Array.from(Buffer.from(character), octal).join("");
}

/** Of content that is no text: what is not ASCII is no character. */
function escapedByte(byte: number): string {
  return byte < 0x80 ? escaped(String.fromCharCode(byte)) : octal(byte);
}

function octal(byte: number): string {
  return `\\0${byte.toString(8).padStart(3, "0")}`;
}
