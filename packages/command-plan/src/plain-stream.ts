import { StringDecoder } from "node:string_decoder";
import { plainText } from "./plain-text.js";

/** Takes a stream in chunks of any size, and gives what of it is fit for a person's eyes. */
export interface PlainStream {
  push(chunk: Uint8Array): string;
  /** What was held back, when nothing more comes. */
  end(): string;
}

/** A longer sequence is taken for what it is, an escape and text: a console must not be silent for ever. */
const MAX_HELD = 4096;

/** A sequence of a terminal, or the end of a line, which the next chunk may complete. */
// oxlint-disable-next-line no-control-regex -- They are what it looks for.
const UNFINISHED = /(?:\r|\u001b(?:\[[0-?]*[ -/]*|\][^\u0007\u001b]*\u001b?|[ -/]*)?)$/;

/** `plainText` of a stream: neither a character nor a sequence is cut in two by the end of a chunk. */
export function plainStream(): PlainStream {
  const decoder = new StringDecoder("utf8");
  let held = "";
  const handOn = (text: string, end: number): string => {
    held = text.slice(end);
    return plainText(text.slice(0, end));
  };
  return {
    push(chunk) {
      const text = held + decoder.write(Buffer.from(chunk));
      const start = Math.max(0, text.length - MAX_HELD);
      const found = UNFINISHED.exec(text.slice(start));
      return handOn(text, found === null ? text.length : start + found.index);
    },
    end: () => {
      const text = held + decoder.end();
      return handOn(text, text.length);
    },
  };
}
