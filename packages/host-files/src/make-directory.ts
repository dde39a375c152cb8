import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "@vm/command-plan";
import { isDirectory } from "./file-kind.js";

/**
 * Makes a directory and what is missing above it; one that is there is left as it is. Throws what mkdir(2) says. Node's own recursive way
 * goes on for ever where mkdir fails with ENOENT though the parent is there, as it does below /proc.
 */
export function makeDirectory(path: string, { mode = 0o777 }: { readonly mode?: number } = {}): void {
  if (makeOne(path, mode)) return;
  makeDirectory(dirname(path), { mode });
  mkdirUnlessThere(path, mode);
}

/** Whether it is there now; false: its parent is not. */
function makeOne(path: string, mode: number): boolean {
  try {
    mkdirUnlessThere(path, mode);
    return true;
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) !== "ENOENT" || parent === path || isDirectory(parent)) throw error;
    return false;
  }
}

function mkdirUnlessThere(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Of a read-only file system, or of one that asks for rights first, the error is another one.
    if (!isDirectory(path)) throw error;
  }
}
