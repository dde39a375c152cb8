import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { KtapParser } from "@vm/ktap";

/** A stream that hands on what it gets, and has it read for results on the way: all of it, however much is kept. */
export function alsoTo(parser: KtapParser, kept: Writable): Writable {
  const decoder = new StringDecoder("utf8");
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      parser.push(decoder.write(chunk));
      kept.write(chunk, done);
    },
  });
}
