import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { readableText } from "@vm/host-files";
import type { Expression } from "./expression.js";
import { parseExpression } from "./expression.js";
import { logicalLines } from "./kconfig-lines.js";
import type { Choice, Definition, KconfigTree, Scope } from "./kconfig-tree.js";

interface Reading {
  readonly source: string;
  /** The value of `$(SRCARCH)`: a directory in arch/. */
  readonly srcarch: string;
  readonly definitions: Definition[];
}

/**
 * Reads the Kconfig files of a kernel source, from `Kconfig` on. A light reader: it knows `config`, `menuconfig`,
 * `choice`, `menu`, `if`, `source`, `depends on`, `visible if`, `select`, prompts and types, and runs no macro:
 * `$(SRCARCH)` is replaced, any other `$(...)` in an expression is a test whose answer is unknown. Defaults and `imply`
 * are passed over. A file to be sourced that is missing is passed over too.
 *
 * Throws KCONFIG_NOT_FOUND where `source` has no Kconfig.
 */
export function readKconfig(source: string, srcarch: string): KconfigTree {
  const reading: Reading = { source, srcarch, definitions: [] };
  if (readableText(join(source, "Kconfig")) === null) {
    throw codedError("KCONFIG_NOT_FOUND", `${source} is not a kernel source tree: it has no Kconfig`);
  }
  readFile("Kconfig", [], reading);
  const selects = reading.definitions.flatMap((by) => by.selects.map((select) => ({ ...select, by })));
  return {
    definitions: groupBy(reading.definitions, ({ name }) => name),
    selectedBy: groupBy(selects, ({ target }) => target),
  };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** A block that is open; `if` and `menu` and `choice` end with a word of their own. */
interface Block {
  readonly scope: Scope;
  readonly choice?: Choice;
}

/** Where an attribute (`depends on`, a prompt) goes. */
type Entry =
  | { readonly kind: "definition"; readonly definition: Definition }
  | { readonly kind: "choice"; readonly choice: Choice }
  | { readonly kind: "menu"; readonly scope: Scope }
  | { readonly kind: "none" };

function readFile(file: string, outer: readonly Block[], reading: Reading): void {
  const text = readableText(join(reading.source, file));
  if (text === null) return;
  const blocks = [...outer];
  let entry: Entry = { kind: "none" };
  for (const { line, text: statement } of logicalLines(text)) {
    const [, word = "", rest = ""] = /^([\w]+)\s*(.*)$/.exec(statement) ?? [];
    switch (word) {
      case "config":
      case "menuconfig": {
        const definition = newDefinition({ name: rest.trim(), file, line, blocks });
        reading.definitions.push(definition);
        definition.choice?.members.push(definition.name);
        entry = { kind: "definition", definition };
        break;
      }
      case "choice": {
        const choice: Choice = { depends: [], visible: [], members: [] };
        blocks.push({ scope: choice, choice });
        entry = { kind: "choice", choice };
        break;
      }
      case "menu": {
        const scope: Scope = { depends: [], visible: [] };
        blocks.push({ scope });
        entry = { kind: "menu", scope };
        break;
      }
      case "if": {
        blocks.push({ scope: { depends: expressions(rest), visible: [] } });
        entry = { kind: "none" };
        break;
      }
      case "endif":
      case "endmenu":
      case "endchoice":
        blocks.pop();
        entry = { kind: "none" };
        break;
      case "comment":
        entry = { kind: "none" };
        break;
      case "source": {
        const name = /^"([^"]+)"/.exec(rest)?.[1]?.replaceAll("$(SRCARCH)", reading.srcarch);
        if (name !== undefined && !name.includes("$(")) readFile(name, blocks, reading);
        entry = { kind: "none" };
        break;
      }
      default:
        readAttribute(entry, word, rest);
    }
  }
}

function newDefinition(at: {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly blocks: readonly Block[];
}): Definition {
  const choice = at.blocks.findLast((block) => block.choice !== undefined)?.choice;
  return {
    name: at.name,
    file: at.file,
    line: at.line,
    depends: [],
    prompts: [],
    selects: [],
    ranges: [],
    scopes: at.blocks.map(({ scope }) => scope),
    ...(choice === undefined ? {} : { choice }),
  };
}

function readAttribute(entry: Entry, word: string, rest: string): void {
  if (entry.kind === "none") return;
  if (word === "depends") {
    const depends = expressions(rest.replace(/^on\b/, ""));
    if (entry.kind === "definition") entry.definition.depends.push(...depends);
    else if (entry.kind === "choice") entry.choice.depends.push(...depends);
    else entry.scope.depends.push(...depends);
    return;
  }
  if (entry.kind === "menu") {
    if (word === "visible") entry.scope.visible.push(...expressions(rest.replace(/^if\b/, "")));
    return;
  }
  if (entry.kind === "choice") {
    const text = promptOf(rest)?.text;
    if (["prompt", "bool", "tristate"].includes(word) && text !== undefined) entry.choice.prompt = text;
    return;
  }
  const { definition } = entry;
  switch (word) {
    case "bool":
    case "tristate":
    case "string":
    case "hex":
    case "int":
      definition.type = word;
      addPrompt(definition, rest);
      break;
    case "def_bool":
      definition.type = "bool";
      break;
    case "def_tristate":
      definition.type = "tristate";
      break;
    case "prompt":
      addPrompt(definition, rest);
      break;
    case "select": {
      const [, target, condition] = /^(\w+)(?:\s+if\s+(.*))?$/.exec(rest.trim()) ?? [];
      if (target !== undefined) definition.selects.push({ target, ...conditionOf(condition) });
      break;
    }
    case "range":
      definition.ranges.push(rest.trim());
      break;
  }
}

function addPrompt(definition: Definition, rest: string): void {
  const prompt = promptOf(rest);
  if (prompt !== null) definition.prompts.push(prompt);
}

function promptOf(rest: string): { readonly text: string; readonly condition?: Expression } | null {
  const [, double, single, condition] =
    /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')(?:\s*if\s+(.*))?/.exec(rest.trim()) ?? [];
  const text = double ?? single;
  return text === undefined ? null : { text, ...conditionOf(condition) };
}

function conditionOf(text: string | undefined): { readonly condition?: Expression } {
  const [condition] = text === undefined ? [] : expressions(text);
  return condition === undefined ? {} : { condition };
}

/** The expression in a list; an empty list for one that cannot be read, which is then no reason to give. */
function expressions(text: string): Expression[] {
  try {
    return [parseExpression(text)];
  } catch {
    return [];
  }
}
