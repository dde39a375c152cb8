import { errorCode } from "@vm/command-plan";
import { statSync } from "node:fs";

/** Whether a file stands there. Throws what stat throws, but for a path that leads nowhere. */
export function isFile(path: string): boolean {
  return look(path)?.isFile() ?? false;
}

export function isDirectory(path: string): boolean {
  return look(path)?.isDirectory() ?? false;
}

function look(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A part of the path is a file: `throwIfNoEntry` does not cover it.
    if (errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
