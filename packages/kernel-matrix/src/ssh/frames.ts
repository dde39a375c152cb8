import type { Readable, Writable } from "node:stream";
import { codedError } from "@vm/command-plan";

/*
 * What the two ends of a connection say to each other: a line of JSON, and as many bytes behind it as its `bytes` says. What stands
 * before the opening line is not ours: a shell's start-up file may print what it likes.
 */

/** The line that opens what an end says. */
export const OPENING = "vm-cells 1";

export interface Frame {
  readonly head: Head;
  readonly body: Buffer;
}

export interface Head {
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** Longer lines, and more before the opening one, are none of ours. */
const MOST_LINE = 1 << 20;
const MOST_BODY = 1 << 30;

/**
 * The frames of a stream, as they come.
 *
 * @param onBytes told of whatever arrives, of parts of a frame as well
 * @throws `CONNECTION_GARBLED` for what is no frame, or ends within one
 */
export async function* readFrames(
  stream: Readable,
  onBytes: () => void = () => {},
): AsyncGenerator<Frame, undefined> {
  let held: Buffer[] = [];
  let size = 0;
  let isOpen = false;
  let before = 0;
  let head: Head | undefined;
  let wanted = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    onBytes();
    held.push(bytes);
    size += bytes.length;
    // Without a head a line is looked for; with one there may be enough for its body.
    while (head === undefined ? size > 0 : size >= wanted) {
      const all = held.length === 1 ? (held[0] ?? bytes) : Buffer.concat(held);
      if (head !== undefined) {
        const frame = { head, body: all.subarray(0, wanted) };
        held = [all.subarray(wanted)];
        size -= wanted;
        head = undefined;
        yield frame;
        continue;
      }
      held = [all];
      const end = all.indexOf(0x0a);
      if (end < 0) {
        if (size > MOST_LINE) throw garbled("a line without an end");
        break;
      }
      const line = all.toString("utf8", 0, end);
      held = [all.subarray(end + 1)];
      size -= end + 1;
      if (isOpen) {
        head = readHead(line);
        wanted = bytesOf(head);
      } else {
        before += end + 1;
        if (before > MOST_LINE) throw garbled("more before the opening line than a greeting");
        isOpen = line.trimEnd() === OPENING;
      }
    }
  }
  if (head !== undefined || (isOpen && size > 0)) throw garbled("a message that was cut off");
  return undefined;
}

function readHead(line: string): Head {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw garbled(line);
  }
  if (typeof value !== "object" || value === null) throw garbled(line);
  const { kind, ...rest }: Partial<Record<string, unknown>> = { ...value };
  if (typeof kind !== "string") throw garbled(line);
  return { ...rest, kind };
}

function bytesOf(head: Head): number {
  const { bytes = 0 } = head;
  if (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= MOST_BODY)
    return bytes;
  throw garbled(JSON.stringify(head));
}

/** Numbers and words of a frame. @throws `CONNECTION_GARBLED` where they are none */
export function numberOf(head: Head, key: string): number {
  const value = head[key];
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw garbled(JSON.stringify(head));
}

export function textOf(head: Head, key: string): string {
  const value = head[key];
  if (typeof value === "string") return value;
  throw garbled(JSON.stringify(head));
}

export function textsOf(head: Head, key: string): string[] {
  const value = head[key];
  if (!Array.isArray(value)) throw garbled(JSON.stringify(head));
  return value.map((each: unknown) => {
    if (typeof each === "string") return each;
    throw garbled(JSON.stringify(head));
  });
}

function garbled(what: string): Error {
  return codedError("CONNECTION_GARBLED", `the other side sent ${JSON.stringify(what.slice(0, 200))}`);
}

/** One end's voice. What it says after the other end is gone is lost: whoever reads notices that. */
export interface FrameWriter {
  /** Resolves when the stream takes more. */
  send(this: void, head: Head, body?: Uint8Array): Promise<void>;
  /** Says that this end lives; nothing where words are waiting already. */
  beat(this: void): void;
}

export function frameWriter(stream: Writable): FrameWriter {
  stream.on("error", () => {});
  return {
    async send(head, body) {
      if (stream.destroyed) return;
      const { bytes: _, ...rest } = head;
      stream.write(`${JSON.stringify(body === undefined ? rest : { ...rest, bytes: body.length })}\n`);
      if (body !== undefined) stream.write(body);
      await drained(stream);
    },
    beat() {
      if (!stream.destroyed && !stream.writableNeedDrain) stream.write('{"kind":"beat"}\n');
    },
  };
}

async function drained(stream: Writable): Promise<void> {
  if (!stream.writableNeedDrain || stream.destroyed) return;
  const events = ["drain", "close", "error"];
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.once(event, done);
  });
}
