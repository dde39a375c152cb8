import type { Step } from "@vm/command-plan";

/** Short options without a value may stand before the `n` in one word: `-qn`; what stands behind it is left over: `-nc 4`. */
const bundle = /^-([qt]*)n+(.*)$/;

/** The steps that run a command again without its `-n`. Only for a dry run: then there is one. @param program what is called with the words */
export function repeatedCommand(
  words: readonly string[],
  { program, cwd }: { readonly program: readonly [string, ...string[]]; readonly cwd: string },
): readonly Step[] {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const own = words.slice(0, end);
  const alone = own.findIndex((word) => word === "-n" || word === "--dry-run");
  const at = alone === -1 ? own.findIndex((word) => bundle.test(word)) : alone;
  if (at === -1) throw new Error(`no -n in ${words.join(" ")}`);
  const [, before = "", after = ""] = alone === -1 ? (bundle.exec(words[at] ?? "") ?? []) : [];
  const rest = `${before}${after}` === "" ? [] : [`-${before}${after}`];
  return [
    { kind: "change-directory", path: cwd },
    { kind: "exec", argv: [...program, ...words.toSpliced(at, 1, ...rest)] },
  ];
}
