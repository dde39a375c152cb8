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
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length === 0) return { kind: "command", command: "printf ''" };
  const text = decode(bytes);
  if (text === null)
    return printed(
      [...bytes].map((byte) => (byte < 0x80 ? escaped(String.fromCharCode(byte)) : octal(byte))),
    );
  if (invisibleInText.test(text)) return printed(Array.from(text, escaped));
  if (text.endsWith("\n")) return { kind: "here-document", text, delimiter: delimiterFor(text) };
  if (!text.includes("\n")) return { kind: "command", command: `printf %s ${quoteShell(text)}` };
  return printed(Array.from(text, escaped));
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
function printed(pieces: readonly string[]): Source {
  const whole = pieces.join("");
  if (whole.length <= chunkLength) return { kind: "command", command: `printf %b ${quoteShell(whole)}` };
  const chunks: string[] = [];
  let chunk = "";
  for (const piece of pieces) {
    chunk += piece;
    if (piece === String.raw`\n` || chunk.length >= chunkLength) {
      chunks.push(chunk);
      chunk = "";
    }
  }
  if (chunk !== "") chunks.push(chunk);
  const words = chunks.map((each) => quoteShell(each));
  return { kind: "command", command: ["printf %b", ...words].join(" \\\n    ") };
}

function escaped(character: string): string {
  if (character === "\\") return String.raw`\\`;
  if (character === "\n") return String.raw`\n`;
  if (character === "\t") return String.raw`\t`;
  if (!invisible.test(character)) return character;
  return Array.from(new TextEncoder().encode(character), octal).join("");
}

function octal(byte: number): string {
  return `\\0${byte.toString(8).padStart(3, "0")}`;
}
