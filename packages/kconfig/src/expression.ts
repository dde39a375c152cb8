import { codedError } from "@vm/command-plan";

/** An expression of Kconfig. Source: Documentation/kbuild/kconfig-language.rst, "Menu dependencies". */
export type Expression =
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "constant"; readonly value: string }
  /** What only a program can answer: `$(cc-option,-fsanitize=kernel-address)`. */
  | { readonly kind: "test"; readonly text: string }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "compare";
      readonly operator: "=" | "!=" | "<" | "<=" | ">" | ">=";
      readonly left: Expression;
      readonly right: Expression;
    };

/** Reads an expression. Throws KCONFIG_SYNTAX. */
export function parseExpression(text: string): Expression {
  const tokens = tokenize(text);
  let position = 0;
  const take = (wanted: string): boolean => {
    if (tokens[position] !== wanted) return false;
    position += 1;
    return true;
  };
  const expression = or();
  if (position < tokens.length) throw syntaxError(text);
  return expression;

  function or(): Expression {
    let left = and();
    while (take("||")) left = { kind: "or", left, right: and() };
    return left;
  }
  function and(): Expression {
    let left = not();
    while (take("&&")) left = { kind: "and", left, right: not() };
    return left;
  }
  function not(): Expression {
    return take("!") ? { kind: "not", of: not() } : comparison();
  }
  function comparison(): Expression {
    if (take("(")) {
      const inner = or();
      if (!take(")")) throw syntaxError(text);
      return inner;
    }
    const left = operand();
    const operator = tokens[position];
    if (operator === undefined || !isComparison(operator)) return left;
    position += 1;
    return { kind: "compare", operator, left, right: operand() };
  }
  function operand(): Expression {
    const token = tokens[position];
    position += 1;
    if (token === undefined || /^[()&|=<>]/.test(token)) throw syntaxError(text);
    if (token.includes("$(")) return { kind: "test", text: token };
    if (token.startsWith('"') || token.startsWith("'"))
      return { kind: "constant", value: token.slice(1, -1) };
    if (/^(?:[ymn]|-?\d+|0[xX][0-9a-fA-F]+)$/.test(token)) return { kind: "constant", value: token };
    return { kind: "symbol", name: token };
  }
}

function isComparison(token: string): token is "=" | "!=" | "<" | "<=" | ">" | ">=" {
  return /^(?:!=|[<>]=?|=)$/.test(token);
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const simple = /\s+|#.*|&&|\|\||!=|[<>]=?|[=!()]|"(?:[^"\\]|\\.)*"|'[^']*'|[\w./-]+/y;
  let position = 0;
  while (position < text.length) {
    if (text.startsWith("$(", position)) {
      const end = endOfMacro(text, position + 1);
      tokens.push(text.slice(position, end));
      position = end;
      continue;
    }
    simple.lastIndex = position;
    const token = simple.exec(text)?.[0];
    if (token === undefined) throw syntaxError(text);
    if (!/^[\s#]/.test(token)) tokens.push(token);
    position += token.length;
  }
  return tokens;
}

/** The position behind the parenthesis that closes the one at `open`. */
function endOfMacro(text: string, open: number): number {
  let depth = 0;
  for (let position = open; position < text.length; position++) {
    if (text[position] === "(") depth += 1;
    if (text[position] === ")") depth -= 1;
    if (depth === 0) return position + 1;
  }
  throw syntaxError(text);
}

function syntaxError(text: string): Error {
  return codedError("KCONFIG_SYNTAX", `an expression that cannot be read: ${text}`);
}
