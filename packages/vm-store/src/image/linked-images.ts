import { readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { readCaught } from "../caught-error.js";
import { listVms } from "../vm-list.js";
import { readImageHeader } from "./image-header.js";

/**
 * The names of the other VMs of a home with an image, named by their configuration or not, that stands on a file in this VM's directory.
 * @param path only on this file
 */
export function findLinked(home: string, name: string, path: string = join(home, name)): string[] {
  const base = realPath(path);
  return listVms(home).filter(
    (other) =>
      other !== name &&
      backingFiles(join(home, other)).some((file) => file === base || file.startsWith(base + sep)),
  );
}

/** What the images in a directory stand on: absolute, with no symbolic link. */
function backingFiles(directory: string): string[] {
  let entries;
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    const { code } = readCaught(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .flatMap((entry) => {
      const image = join(directory, entry.name);
      try {
        const { backingFile } = readImageHeader(image);
        return backingFile === undefined ? [] : [realPath(resolve(dirname(realPath(image)), backingFile))];
      } catch {
        // No regular file, or not ours to read: then it is no image of a VM of ours.
        return [];
      }
    });
}

/** With its links followed, as far as it is there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), path.slice(parent.length).replace(/^\/+/, ""));
  }
}
