import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCacheRoom, withDraft } from "../src/index.js";

/*
 * A process that makes the entry `NAME` of a cache, and half-way waits for the file `GO`: maker CACHE NAME GO. It prints its pid when it is
 * half-way, and what it made in the end.
 */

const [cache = "", name = "", go = ""] = process.argv.slice(2);
const room = makeCacheRoom(cache, "room");
withDraft(room, (draft) => {
  writeFileSync(join(draft, "first"), name);
  process.stdout.write(`${process.pid}\n`);
  while (!existsSync(go)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  writeFileSync(join(draft, "second"), name);
  renameSync(draft, join(room, name));
});
process.stdout.write("made\n");
