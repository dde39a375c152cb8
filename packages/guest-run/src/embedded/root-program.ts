import { closeSync, lstatSync, readlinkSync, readSync } from "node:fs";
import { join } from "node:path";
import { architectureOfElf, elfHeaderBytes, parseElfHeader, parseElfSegments } from "@vm/architectures";
import { openRegular } from "@vm/host-files";

/** Linux follows as many (MAXSYMLINKS of include/linux/namei.h). */
const MAX_LINKS = 40;

/**
 * The file that a path names for a guest whose root is `root`: symbolic links are followed as the guest would, never out of the
 * root. Undefined where there is none.
 */
export function fileInRoot(root: string, path: string): string | undefined {
  const found = follow(root, path);
  return found.missing.length === 0 ? join(root, ...found.names) : undefined;
}

/**
 * A path of such a guest without links: what follows a link at the wrong root, as the guest's first shell does, gets to the same
 * place by it. What does not exist yet stays as it is named.
 */
export function linkFreePath(root: string, path: string): string {
  const { names, missing } = follow(root, path);
  return join("/", ...names, ...missing);
}

/** How far a path leads in the root: names without links, and from the first one that is not there (or that loops) all others. */
function follow(root: string, path: string): { names: readonly string[]; missing: readonly string[] } {
  const rest = path.split("/");
  let at: string[] = [];
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at.pop();
      continue;
    }
    const entry = join(root, ...at, name);
    const found = statusOf(entry);
    if (found === undefined) return { names: at, missing: [name, ...rest] };
    if (!found.isSymbolicLink()) {
      at.push(name);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return { names: at, missing: [name, ...rest] };
    const target = readlinkSync(entry);
    if (target.startsWith("/")) at = [];
    rest.unshift(...target.split("/"));
  }
  return { names: at, missing: [] };
}

function statusOf(path: string): ReturnType<typeof lstatSync> {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * The architecture that a program is for, by this project's name; `unknown` for another one, and for what is no ELF file or cannot be
 * read.
 */
export function programArchitecture(file: string): string {
  return readProgram(file, "unknown", (read) => {
    const header = parseElfHeader(read(0, elfHeaderBytes));
    return header === null ? "unknown" : (architectureOfElf(header)?.name ?? "unknown");
  });
}

/** PT_INTERP of elf(5). */
const interpreterType = 3;

/** Linux reads as much of a script's first line, and of an interpreter's path (BINPRM_BUF_SIZE, PATH_MAX). */
const maxPathBytes = 4096;

/**
 * The file without which the kernel cannot start a program: the loader that it names, or what a script begins with (`#!`). Undefined where it
 * needs none, and for what cannot be read.
 */
export function programInterpreter(file: string): string | undefined {
  return readProgram(file, undefined, (read) => {
    const head = read(0, elfHeaderBytes);
    if (head.subarray(0, 2).toString("latin1") === "#!") {
      return /^#![ \t]*(\/\S*)/.exec(read(0, maxPathBytes).toString())?.[1];
    }
    const header = parseElfHeader(head);
    if (header === null) return undefined;
    const { offset, entryBytes, entries } = header.table;
    const segments = parseElfSegments(header, read(offset, entryBytes * entries));
    const named = segments.find(({ type }) => type === interpreterType);
    if (named === undefined) return undefined;
    const path = read(named.offset, Math.min(named.bytes, maxPathBytes)).toString();
    return path.split("\0", 1)[0];
  });
}

/** What a reader finds in a file; `otherwise` where it cannot be read. */
function readProgram<Found>(
  file: string,
  otherwise: Found,
  find: (read: (from: number, length: number) => Buffer) => Found,
): Found {
  try {
    const descriptor = openRegular(file);
    try {
      return find((from, length) => {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
      });
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return otherwise;
  }
}
