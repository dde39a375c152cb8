import type { Step } from "@vm/command-plan";
import type { CommandContext } from "../command-module.js";
import { ownProgram } from "../own-bin.js";

/** Short options without a value may stand before the `n` in one word: `-qn`; what stands behind it is left over: `-nc 4`. */
const bundle = /^-([qt]*)n+(.*)$/;

/** The steps that run this very command without its `-n`. Only for a dry run: then there is one. */
export function repeatedCommand({ cwd, env }: CommandContext): readonly Step[] {
  const words = process.argv.slice(2);
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const own = words.slice(0, end);
  const alone = own.findIndex((word) => word === "-n" || word === "--dry-run");
  const at = alone === -1 ? own.findIndex((word) => bundle.test(word)) : alone;
  if (at === -1) throw new Error(`no -n in ${words.join(" ")}`);
  const [, before = "", after = ""] = alone === -1 ? (bundle.exec(words[at] ?? "") ?? []) : [];
  const rest = `${before}${after}` === "" ? [] : [`-${before}${after}`];
  return [
    { kind: "change-directory", path: cwd },
    { kind: "exec", argv: [...ownProgram(env), ...words.toSpliced(at, 1, ...rest)] },
  ];
}
