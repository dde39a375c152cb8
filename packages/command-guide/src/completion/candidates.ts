import type { Host } from "@vm/operations";
import { optionName, type CommandDescription, type OptionDescription } from "../command-description.js";
import { expectedWord } from "./expected-word.js";
import { knownValues, type KnownValues } from "./known-values.js";
import { kindOfArgument, kindOfOption, type ValueKind } from "./value-kind.js";

/** One way in which the word at the cursor may go on. */
export interface Candidate {
  /** The whole word. */
  readonly word: string;
  readonly about: string;
  /** `more`: something has to follow in the same word. */
  readonly end: "more" | "word";
}

export interface Candidates {
  readonly words: readonly Candidate[];
  /** What else it may be: a file's name, which the shell completes; `fileAt` is where in the word that begins. */
  readonly files: KnownValues["files"];
  readonly fileAt: number;
}

/** How the word at the cursor may go on. @param words those of `vm` before it */
export function findCandidates(
  program: CommandDescription,
  { words, current }: { readonly words: readonly string[]; readonly current: string },
  host: Host,
): Candidates {
  const expected = expectedWord(program, words, current);
  const { command, given, foreign, value, argument } = expected;
  if (foreign !== undefined) return { words: [], files: foreign === "qemu" ? "files" : "none", fileAt: 0 };
  const commands = program.commands.map(({ name }) => name);
  const found: Candidate[] = [];
  let files: KnownValues["files"] = "none";
  let fileAt = 0;
  const addValues = (kind: ValueKind, prefix: string, more: readonly string[] = []): void => {
    const all = knownValues(kind, { typed: current.slice(prefix.length), given, host, commands });
    const list = all.isList === true ? current.slice(prefix.length).lastIndexOf(",") + 1 : 0;
    const head = current.slice(0, prefix.length + list);
    const taken = new Set(head.slice(prefix.length).split(","));
    for (const name of [...more, ...all.values]) {
      if (taken.has(name)) continue;
      found.push({ word: `${head}${name}`, about: "", end: /[/:=]$/.test(name) ? "more" : "word" });
    }
    if (files !== "files") files = all.files;
    fileAt = head.length;
  };
  if (value !== undefined) {
    const kind = kindOfOption(command.path, value.of);
    addValues(kind === undefined || kind === "none" ? "free" : kind, value.prefix, value.of.choices);
  }
  for (const { name, summary } of expected.subcommands)
    found.push({ word: name, about: summary, end: "word" });
  if (argument !== undefined)
    addValues(kindOfArgument(command.path, argument) ?? "free", "", argument.choices);
  for (const option of expected.options) found.push(optionCandidate(option));
  return {
    words: found.filter(({ word }) => word.startsWith(current) && isPlain(word)),
    files,
    fileAt,
  };
}

function optionCandidate(option: OptionDescription): Candidate {
  return { word: optionName(option), about: option.about, end: "word" };
}

/** What a terminal could not show on one line is not offered. */
function isPlain(word: string): boolean {
  return !/\p{C}/u.test(word);
}
