import type { ConfigValues } from "./config-text.js";
import type { Expression } from "./expression.js";

/** 0 is n, 1 is m, 2 is y; null where only a program (a test of the compiler) could tell. */
export type Tristate = 0 | 1 | 2 | null;

/** What an expression is worth in a configuration. */
export function evaluate(expression: Expression, config: ConfigValues): Tristate {
  switch (expression.kind) {
    case "symbol":
      return asTristate(config.get(`CONFIG_${expression.name}`));
    case "constant":
      // With no modules at all `depends on m` cannot be met.
      if (expression.value === "m" && config.get("CONFIG_MODULES") !== "y") return 0;
      return asTristate(expression.value);
    case "test":
      return null;
    case "not": {
      const inner = evaluate(expression.of, config);
      return inner === null ? null : inner === 0 ? 2 : inner === 1 ? 1 : 0;
    }
    case "and": {
      const left = evaluate(expression.left, config);
      const right = evaluate(expression.right, config);
      if (left === 0 || right === 0) return 0;
      return left === null || right === null ? null : left < right ? left : right;
    }
    case "or": {
      const left = evaluate(expression.left, config);
      const right = evaluate(expression.right, config);
      if (left === 2 || right === 2) return 2;
      return left === null || right === null ? null : left > right ? left : right;
    }
    case "compare": {
      const left = textOf(expression.left, config);
      const right = textOf(expression.right, config);
      if (left === null || right === null) return null;
      return compare(left, expression.operator, right) ? 2 : 0;
    }
    default:
      return expression satisfies never;
  }
}

function asTristate(value: string | undefined): 0 | 1 | 2 {
  return value === "y" ? 2 : value === "m" ? 1 : 0;
}

/** The value of an operand as text; an option that is not in the configuration is `n`. */
function textOf(operand: Expression, config: ConfigValues): string | null {
  if (operand.kind === "constant") return operand.value;
  if (operand.kind !== "symbol") return null;
  const value = config.get(`CONFIG_${operand.name}`) ?? "n";
  return value.startsWith('"') ? value.slice(1, -1) : value;
}

function compare(left: string, operator: "=" | "!=" | "<" | "<=" | ">" | ">=", right: string): boolean {
  const numbers = [Number(left), Number(right)] as const;
  const numeric = left !== "" && right !== "" && !numbers.some(Number.isNaN);
  const order = numeric ? Math.sign(numbers[0] - numbers[1]) : left < right ? -1 : left > right ? 1 : 0;
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    default:
      return operator satisfies never;
  }
}
