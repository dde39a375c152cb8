import fs from "node:fs";
import type { Step } from "./plan.js";
import { removeTree } from "./tree-removal.js";
import { locate, type WorkingDirectory } from "./working-directory.js";

/** The steps that change files and run no program. */
export type FileStep = Extract<
  Step,
  { readonly kind: "make-directory" | "write-file" | "rename" | "remove" }
>;

/** Does the step with system calls, at once. Throws Node's own error (`code`, `syscall`, `path`). */
export function doFileStep(step: FileStep, directory: WorkingDirectory): void {
  switch (step.kind) {
    case "make-directory":
      return makeDirectory(locate(step.path, directory), step);
    case "write-file":
      return writeFile(locate(step.path, directory), step);
    case "rename":
      return rename(locate(step.from, directory), locate(step.to, directory));
    case "remove": {
      const path = locate(step.path.replace(/\/+$/, ""), directory);
      return step.recursive === true ? removeTree(path) : removeOne(path);
    }
    default:
      return step satisfies never;
  }
}

function makeDirectory(
  path: string,
  { parents, mode }: { readonly parents?: true; readonly mode?: number },
): void {
  if (parents === true) {
    for (const match of path.matchAll(/[^/](?=\/+[^/])/g)) {
      makeUnlessThere(path.slice(0, match.index + 1));
    }
    if (!makeUnlessThere(path, mode)) return;
  } else {
    fs.mkdirSync(path, mode);
  }
  if (mode === undefined) return;
  // Like mkdir -m: the umask does not count, and a set-group-ID bit inherited from above stays.
  const inherited = fs.statSync(path).mode & 0o6000;
  fs.chmodSync(path, mode | inherited);
}

/** Whether it made the directory: the last one must end up as a directory, whoever made it. */
function makeUnlessThere(path: string, mode?: number): boolean {
  try {
    fs.mkdirSync(path, mode);
    return true;
  } catch (error) {
    if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    throw error;
  }
}

function writeFile(
  path: string,
  { content, mode }: { readonly content: string | Uint8Array; readonly mode?: number },
): void {
  const isPrivate = mode !== undefined && (mode & 0o077) === 0;
  const file = fs.openSync(path, "w", isPrivate ? 0o600 : 0o666);
  try {
    fs.writeFileSync(file, content);
    if (mode !== undefined) fs.fchmodSync(file, mode);
  } finally {
    fs.closeSync(file);
  }
}

/** Like mv(1), refuses what rename(2) makes nothing of, with success: two paths that lead to one file. */
function rename(from: string, to: string): void {
  const source = fs.lstatSync(from);
  const target = fs.lstatSync(to, { throwIfNoEntry: false });
  if (target !== undefined && source.ino === target.ino && source.dev === target.dev) {
    throw new Error("both are the same file");
  }
  fs.renameSync(from, to);
}

function removeOne(path: string): void {
  try {
    fs.rmdirSync(path);
  } catch {
    fs.unlinkSync(path);
  }
}
