import { StringDecoder } from "node:string_decoder";

/** Takes a stream of UTF-8 in chunks of any size, and hands on its lines. */
export interface LineSplitter {
  push(chunk: Uint8Array): void;
  /** The stream has ended: hands on a last line that has no newline. */
  end(): void;
}

/** A line of more characters (UTF-16 units) loses its beginning: nothing that is looked for is so long. */
const MAX_LENGTH = 65_536;

/**
 * Splits at newlines. A character may be split across chunks; bytes that are no UTF-8 become U+FFFD. A line is handed on without its
 * newline and the carriage returns before it.
 * `maxLength` is in characters: `Infinity` for a protocol whose messages have to be whole.
 */
export function lineSplitter(
  onLine: (line: string) => void,
  { maxLength = MAX_LENGTH }: { readonly maxLength?: number } = {},
): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let held = "";
  const handOn = (line: string): void => {
    const whole = withoutReturns(line);
    onLine(whole.length > maxLength ? whole.slice(-maxLength) : whole);
  };
  return {
    push(chunk) {
      const text = decoder.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
      if (!text.includes("\n")) {
        held += text;
        // Twice as long, so that a stream with no newline is not copied again for each of its chunks.
        if (held.length > 2 * maxLength) held = held.slice(-maxLength);
        return;
      }
      const [first = "", ...lines] = text.split("\n");
      const rest = lines.pop() ?? "";
      handOn(held + first);
      held = rest;
      for (const line of lines) handOn(line);
    },
    end() {
      const last = held + decoder.end();
      held = "";
      if (last !== "") handOn(last);
    },
  };
}

/** With no regular expression: `\r+$` takes quadratic time for a guest that writes nothing but carriage returns. */
function withoutReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === 0x0d) end -= 1;
  return line.slice(0, end);
}
