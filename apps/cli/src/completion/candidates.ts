import type { Command, Option } from "commander";
import type { Host } from "@vm/operations";
import { expectedWord } from "./expected-word.js";
import { knownValues, type KnownValues } from "./known-values.js";
import { kindOfArgument, kindOfOption, pathOf, type ValueKind } from "./value-kind.js";

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
  program: Command,
  { words, current }: { readonly words: readonly string[]; readonly current: string },
  host: Host,
): Candidates {
  const expected = expectedWord(program, words, current);
  const { command, given, foreign, value, argument } = expected;
  if (foreign !== undefined) return { words: [], files: foreign === "qemu" ? "files" : "none", fileAt: 0 };
  const commands = program.commands.map((each) => each.name());
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
    const kind = kindOfOption(pathOf(command), value.of);
    addValues(kind === undefined || kind === "none" ? "free" : kind, value.prefix, value.of.argChoices);
  }
  for (const each of expected.subcommands)
    found.push({ word: each.name(), about: each.summary() || each.description(), end: "word" });
  if (argument !== undefined)
    addValues(kindOfArgument(pathOf(command), argument) ?? "free", "", argument.argChoices);
  for (const option of expected.options) found.push(optionCandidate(option));
  return {
    words: found.filter(({ word }) => word.startsWith(current) && isPlain(word)),
    files,
    fileAt,
  };
}

function optionCandidate(option: Option): Candidate {
  return { word: option.long ?? option.short ?? "", about: option.description, end: "word" };
}

/** What a terminal could not show on one line is not offered. */
function isPlain(word: string): boolean {
  return !/\p{C}/u.test(word);
}
