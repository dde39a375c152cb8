import { dirname, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { isFile } from "@vm/host-files";

/**
 * The files that `A.deb+B.deb` names, absolute; null where it names none. Names hold a `+` themselves (7.2.13+deb14), so of all ways to cut
 * it that one counts in which every piece is a file. A piece with no slash is also looked for beside the one before it.
 * Throws KERNEL_NOT_FOUND where the first is a file, and what follows is not.
 */
export function joinedFiles(what: string, cwd: string): string[] | null {
  const pieces = what.split("+");
  if (pieces.length < 2) return null;
  const { files, at } = cut(pieces, { cwd, directory: cwd });
  if (at === pieces.length) return files.length > 1 ? files : null;
  if (files.length === 0) return null;
  const rest = pieces.slice(at).join("+");
  throw codedError(
    "KERNEL_NOT_FOUND",
    `${resolve(cwd, rest)} is no file: -k ${what} names ${files.length} that ${files.length === 1 ? "is" : "are"} there, and it`,
    {
      hint: "Between + are the packages of one kernel, as -k A.deb+B.deb.",
    },
  );
}

/** As many pieces from the start as are files: `at` is the first that is none. */
function cut(
  pieces: readonly string[],
  place: { readonly cwd: string; readonly directory: string },
): { readonly files: string[]; readonly at: number } {
  let farthest: { files: string[]; at: number } = { files: [], at: 0 };
  for (let length = pieces.length; length > 0; length--) {
    const word = pieces.slice(0, length).join("+");
    const file = [resolve(place.cwd, word), resolve(place.directory, word)].find(
      (path) => word !== "" && isFile(path),
    );
    if (file === undefined) continue;
    const rest = cut(pieces.slice(length), { ...place, directory: dirname(file) });
    const found = { files: [file, ...rest.files], at: length + rest.at };
    if (found.at === pieces.length) return found;
    if (found.at > farthest.at) farthest = found;
  }
  return farthest;
}
