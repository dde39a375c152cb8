import type { ConfigValues } from "./config-text.js";
import { evaluate } from "./evaluation.js";
import type { Expression } from "./expression.js";

/** A part of a dependency that is not met, as small as it can be made. */
export interface Unmet {
  /** In Kconfig's own notation, with full names and values: `CONFIG_PCI (is n)`, `CONFIG_A (is n) or CONFIG_B (is n)`. */
  readonly text: string;
  /** The options in it by full name; one of them has to change. Empty where a compiler's test decides. */
  readonly options: readonly string[];
}

/**
 * The parts of `expression` that keep it below `level` (1 for m, 2 for y). Of `A && B` only what fails is named; of
 * `A || B` both sides are, as either would do.
 */
export function unmetParts(expression: Expression, config: ConfigValues, level: 1 | 2): Unmet[] {
  const value = evaluate(expression, config);
  if (value !== null && value >= level) return [];
  switch (expression.kind) {
    case "and": {
      const parts = [expression.left, expression.right].map((side) => unmetParts(side, config, level));
      return parts.flat();
    }
    case "or": {
      const sides = [expression.left, expression.right].map((side) => unmetParts(side, config, level));
      return [
        {
          text: sides.map((parts) => parts.map(({ text }) => text).join(" and ")).join(" or "),
          options: sides.flat().flatMap(({ options }) => options),
        },
      ];
    }
    case "test":
      return [{ text: `the test ${expression.text} of the compiler, linker or assembler`, options: [] }];
    case "symbol": {
      const option = `CONFIG_${expression.name}`;
      return [{ text: `${option} (is ${config.get(option) ?? "n"})`, options: [option] }];
    }
    case "constant":
    case "not":
    case "compare": {
      const options = optionsOf(expression);
      const values = options.map((option) => `${option} is ${config.get(option) ?? "n"}`);
      const is = values.length === 0 ? "" : ` (${values.join(", ")})`;
      return [{ text: `${render(expression)}${is}`, options }];
    }
    default:
      return expression satisfies never;
  }
}

/** Every option that an expression speaks of, by full name, once each. */
function optionsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case "symbol":
      return [`CONFIG_${expression.name}`];
    case "constant":
    case "test":
      return [];
    case "not":
      return optionsOf(expression.of);
    case "and":
    case "or":
    case "compare":
      return [...new Set([...optionsOf(expression.left), ...optionsOf(expression.right)])];
    default:
      return expression satisfies never;
  }
}

function render(expression: Expression): string {
  switch (expression.kind) {
    case "symbol":
      return `CONFIG_${expression.name}`;
    case "constant":
      return expression.value;
    case "test":
      return expression.text;
    case "not":
      return `!${inParentheses(expression.of)}`;
    case "compare":
      return `${render(expression.left)} ${expression.operator} ${render(expression.right)}`;
    case "and":
      return [expression.left, expression.right].map(inParentheses).join(" && ");
    case "or":
      return [expression.left, expression.right].map(inParentheses).join(" || ");
    default:
      return expression satisfies never;
  }
}

function inParentheses(expression: Expression): string {
  const simple = ["symbol", "constant", "test", "not"].includes(expression.kind);
  return simple ? render(expression) : `(${render(expression)})`;
}
