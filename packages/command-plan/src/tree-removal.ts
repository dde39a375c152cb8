import { errorCode } from "./coded-error.js";
import fs from "node:fs";

/**
 * Like `rm -rf`: a missing path is fine, links are not followed, and what can be removed is removed even where something
 * else cannot be; then the first error is thrown. Names are bytes here, so that one that is not UTF-8 is found again
 * (`fs.rmSync` of Node 20 loses it).
 */
export function removeTree(path: string): void {
  const errors = removeAll(Buffer.from(path));
  if (errors.length > 0) throw errors[0];
}

function removeAll(path: Buffer): readonly unknown[] {
  const errors: unknown[] = [];
  try {
    if (fs.lstatSync(path).isDirectory()) {
      for (const name of fs.readdirSync(path, { encoding: "buffer" })) {
        errors.push(...removeAll(Buffer.concat([path, Buffer.from("/"), name])));
      }
      if (errors.length === 0) fs.rmdirSync(path);
    } else {
      fs.unlinkSync(path);
    }
  } catch (error) {
    if (!isMissing(error)) errors.push(error);
  }
  return errors;
}

function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
