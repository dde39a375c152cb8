import { singleQuoted } from "@vm/command-plan";

/** Lengths of the runs of NULs that have a variable of their own. */
const RUNS = [512, 64, 8, 1];

/**
 * Shell text that sets a variable to a format of printf(1) for exactly these bytes. A shell's variable cannot hold a NUL, and its
 * `printf`, which is built in, writes one for `\000`.
 */
export function printfFormat(name: string, bytes: Buffer): Buffer {
  const runs = [
    [8, 1],
    [64, 8],
    [512, 64],
  ].map(([length, of]) => `vm_nul${length}=${`$vm_nul${of}`.repeat(8)}\n`);
  // What begins with a dash would be an option of printf.
  const words = bytes
    .toString("latin1")
    .replace(/\0+|[^\0]+/g, (run, at: number) =>
      run.startsWith("\0")
        ? nulVariables(run.length)
        : singleQuoted(at === 0 ? escapeFormat(run).replace(/^-/, "\\055") : escapeFormat(run)),
    );
  return Buffer.from(`vm_nul1='\\000'\n${runs.join("")}${name}=${words}\n`, "latin1");
}

function nulVariables(length: number): string {
  let left = length;
  let words = "";
  for (const run of RUNS) for (; left >= run; left -= run) words += `$vm_nul${run}`;
  return words;
}

function escapeFormat(text: string): string {
  return text.replace(/[%\\]|[^ -~]/g, (character) =>
    character === "%" ? "%%" : `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
