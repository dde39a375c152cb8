import type { Installation } from "./installation.js";
import { splitWords } from "./shell-words.js";

/** The words of the command that makes the root file system; the partition comes after them. */
export function mkfsWords({
  fs,
  mkfsCmd,
}: Pick<Installation, "fs" | "mkfsCmd">): readonly [string, ...string[]] {
  const [program = `mkfs.${fs}`, ...rest] = mkfsCmd === undefined ? [] : splitWords(mkfsCmd, "mkfsCmd");
  return [program, ...rest];
}
