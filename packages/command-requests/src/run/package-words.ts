import { usageError } from "../usage-error.js";

/** What the shell makes of `-k DIRECTORY/*.deb`: a kernel and words behind it. */
const PACKAGE = /\.(?:deb|rpm|pkg\.tar(?:\.\w+)?)$/;

export const packageHint =
  "The packages of one kernel are one word: -k A.deb+B.deb, or the directory that they are in; the shell makes several of *.deb.";

/** Whether several packages stand on a command line, each a word. */
export function hasPackages(words: readonly string[]): boolean {
  return words.filter((word) => PACKAGE.test(word)).length > 1;
}

/** Refuses a package where a VM or a test is named. @throws `USAGE` */
export function refusePackages(words: readonly string[], what: string): void {
  const found = words.find((word) => PACKAGE.test(word));
  if (found !== undefined) throw usageError(`'${found}' is a package, and no ${what}`, packageHint);
}
