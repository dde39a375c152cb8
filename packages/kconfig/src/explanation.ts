import type { ConfigValues } from "./config-text.js";
import { evaluate } from "./evaluation.js";
import type { Definition, KconfigTree } from "./kconfig-tree.js";
import type { LostOption } from "./lost-option.js";
import type { Unmet } from "./unmet.js";
import { unmetParts } from "./unmet.js";

/** Why Kconfig did not take an option. */
export interface Explanation {
  /** The end of a sentence: `it depends on CONFIG_PCI (is n)`. */
  readonly reason: string;
  /** The options that stand in the way, by full name: change one of these, or for some reasons all. */
  readonly blockers: readonly string[];
}

/**
 * Says what kept Kconfig from giving an option the wanted value: there is no such option, a dependency (its own, or that
 * of an enclosing menu, `if` or choice), a prompt that is hidden or not there, an option that selects it, the other member
 * of a choice, its type or its range. Where a dependency is itself held back, the reason goes on with that.
 *
 * `config` is the configuration that came out. The answers are as good as `readKconfig`'s reading of the tree: no
 * defaults, and no macro run.
 */
export function explainLost(
  lost: Pick<LostOption, "option" | "value" | "found">,
  tree: KconfigTree,
  config: ConfigValues,
): Explanation {
  const name = lost.option.slice("CONFIG_".length);
  const definitions = tree.definitions.get(name) ?? [];
  if (definitions.length === 0) {
    return { reason: "this kernel has no such option for this architecture", blockers: [] };
  }
  const chosen = chosenInstead(definitions, name, lost.value, config);
  if (chosen !== null) return chosen;
  if (isBelow(lost)) return explainHeldBack(lost, { definitions, tree, config });
  const selectors = activeSelectors(name, tree, config);
  if (selectors.length > 0) {
    return {
      reason: `${list(selectors)} ${selectors.length > 1 ? "select" : "selects"} it`,
      blockers: selectors,
    };
  }
  return explainHeldBack(lost, { definitions, tree, config });
}

interface Known {
  readonly definitions: readonly Definition[];
  readonly tree: KconfigTree;
  readonly config: ConfigValues;
}

/** Whether less came out than was wanted, so that a dependency is to be looked for. */
function isBelow({ value, found }: { readonly value: string; readonly found: string }): boolean {
  return rank(found) < rank(value);
}

function rank(value: string): 0 | 1 | 2 {
  return value === "n" ? 0 : value === "m" ? 1 : 2;
}

function explainHeldBack(lost: Pick<LostOption, "option" | "value" | "found">, known: Known): Explanation {
  const { definitions, tree, config } = known;
  const name = lost.option.slice("CONFIG_".length);
  // The definition that is nearest to what was wanted: the others are for other architectures, as a rule.
  const reasons = definitions
    .map((definition) => unmetOf(definition, lost.value === "m" ? 1 : 2, config))
    .toSorted((a, b) => a.length - b.length);
  const unmet = reasons[0] ?? [];
  if (unmet.length > 0 && lost.value !== "n") {
    const blockers = [...new Set(unmet.flatMap(({ options }) => options))];
    const texts = unmet.map(({ text }) => text).join(" and on ");
    return { reason: `it depends on ${texts}${deeper(unmet, tree, config, [name])}`, blockers };
  }
  const prompts = definitions.flatMap((definition) => definition.prompts);
  if (prompts.length === 0) {
    const selectors = possibleSelectors(name, tree, config);
    const by = selectors.length === 0 ? "" : `; ${list(selectors)} would select it`;
    return { reason: `it has no prompt, so it cannot be set by hand${by}`, blockers: selectors };
  }
  const hidden = definitions.flatMap((definition) => hiddenBy(definition, config));
  const firstHidden = hidden[0];
  if (firstHidden !== undefined) {
    return {
      reason: `its prompt is shown only with ${hidden.map(({ text }) => text).join(" or ")}${deeper([firstHidden], tree, config, [name])}`,
      blockers: hidden.flatMap(({ options }) => options),
    };
  }
  const type = definitions.find((definition) => definition.type !== undefined)?.type;
  if (type === "bool" && lost.value === "m") {
    return { reason: "it is either y or n, never a module", blockers: [] };
  }
  const ranges = definitions.flatMap((definition) => definition.ranges);
  if (ranges.length > 0) return { reason: `its range is ${ranges.join(" or ")}`, blockers: [] };
  if (type === "bool" || type === "tristate") {
    return { reason: "nothing in the kernel's Kconfig files keeps it from being set", blockers: [] };
  }
  return { reason: `it is of type ${type ?? "unknown"}`, blockers: [] };
}

/** The parts of all that a definition depends on which are not met, each once. */
function unmetOf(definition: Definition, level: 1 | 2, config: ConfigValues): Unmet[] {
  // For an option that is y or n, a dependency that is a module is enough.
  const enough = definition.type === "tristate" ? level : 1;
  const all = [...definition.scopes.flatMap(({ depends }) => depends), ...definition.depends];
  const parts = all.flatMap((expression) => unmetParts(expression, config, enough));
  const certain = parts.filter(({ options }) => options.length > 0);
  return [...new Map((certain.length > 0 ? certain : parts).map((part) => [part.text, part])).values()];
}

/** What hides the prompts of a definition: nothing, where one of them is shown. */
function hiddenBy(definition: Definition, config: ConfigValues): Unmet[] {
  const menus = definition.scopes
    .flatMap(({ visible }) => visible)
    .flatMap((expression) => unmetParts(expression, config, 1));
  const own = definition.prompts.map(({ condition }) =>
    condition === undefined ? [] : unmetParts(condition, config, 1),
  );
  return own.some((parts) => parts.length === 0) ? menus : [...menus, ...own.flat()];
}

/** The next link of the chain: what holds back a dependency that is off; empty where it only has to be set. */
function deeper(
  unmet: readonly Unmet[],
  tree: KconfigTree,
  config: ConfigValues,
  seen: readonly string[],
): string {
  const [option, another] = unmet.length === 1 ? (unmet[0]?.options ?? []) : [];
  if (option === undefined || another !== undefined || seen.length > 4) return "";
  const name = option.slice("CONFIG_".length);
  if (seen.includes(name) || (config.get(option) ?? "n") === "y") return "";
  const definitions = tree.definitions.get(name) ?? [];
  if (definitions.length === 0) return `, and this kernel has no ${option} for this architecture`;
  const parts = definitions
    .map((definition) => unmetOf(definition, 2, config))
    .toSorted((a, b) => a.length - b.length)[0];
  if (parts !== undefined && parts.length > 0) {
    const texts = parts.map(({ text }) => text).join(" and on ");
    return `, which depends on ${texts}${deeper(parts, tree, config, [...seen, name])}`;
  }
  if (definitions.every(({ prompts }) => prompts.length === 0)) {
    const selectors = possibleSelectors(name, tree, config);
    return `, which cannot be set by hand${selectors.length === 0 ? "" : `; ${list(selectors)} would select it`}`;
  }
  return "";
}

/** Who could select an option: those that can be set as things are, or else all. */
function possibleSelectors(name: string, tree: KconfigTree, config: ConfigValues): string[] {
  const all = (tree.selectedBy.get(name) ?? []).map(({ by }) => by);
  const ready = all.filter((by) => unmetOf(by, 1, config).length === 0);
  return [...new Set((ready.length > 0 ? ready : all).map((by) => `CONFIG_${by.name}`))];
}

function activeSelectors(name: string, tree: KconfigTree, config: ConfigValues): string[] {
  const active = (tree.selectedBy.get(name) ?? []).filter(({ by, condition }) => {
    const on = (config.get(`CONFIG_${by.name}`) ?? "n") !== "n";
    return on && (condition === undefined || evaluate(condition, config) !== 0);
  });
  return [...new Set(active.map(({ by }) => `CONFIG_${by.name}`))];
}

function chosenInstead(
  definitions: readonly Definition[],
  name: string,
  value: string,
  config: ConfigValues,
): Explanation | null {
  const choice = definitions.find((definition) => definition.choice !== undefined)?.choice;
  if (choice === undefined) return null;
  const other = choice.members.find((member) => member !== name && config.get(`CONFIG_${member}`) === "y");
  const title = choice.prompt === undefined ? "a choice" : `the choice "${choice.prompt}"`;
  if (value === "n") return { reason: `it is what ${title} came to: set another member`, blockers: [] };
  if (other === undefined) return null;
  const held = definitions.flatMap((definition) => unmetOf(definition, 2, config));
  if (held.length > 0) return null;
  return { reason: `of ${title} CONFIG_${other} is set instead`, blockers: [`CONFIG_${other}`] };
}

function list(options: readonly string[]): string {
  const shown = options.slice(0, 3).join(", ");
  return options.length > 3 ? `${shown} and ${options.length - 3} more` : shown;
}
