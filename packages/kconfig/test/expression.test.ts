import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../src/evaluation.js";
import { parseExpression } from "../src/expression.js";
import { parseConfig } from "../src/index.js";
import { unmetParts } from "../src/unmet.js";

const config = parseConfig(
  'CONFIG_Y=y\nCONFIG_M=m\n# CONFIG_N is not set\nCONFIG_NUM=17\nCONFIG_TEXT="abc"\nCONFIG_MODULES=y\n',
);

const unmet = (text: string, level: 1 | 2 = 2) =>
  unmetParts(parseExpression(text), config, level).map((part) => part.text);

const worth = (text: string) => evaluate(parseExpression(text), config);

describe("evaluate", () => {
  test.each([
    ["Y", 2],
    ["M", 1],
    ["N", 0],
    ["ABSENT", 0],
    ["!M", 1],
    ["!Y", 0],
    ["Y && M", 1],
    ["N || M", 1],
    ["Y || N && N", 2],
    ["(Y || N) && N", 0],
    ["!N&&!N", 2],
    ["Y=y", 2],
    ["Y!=n", 2],
    ["N = n", 2],
    ["ABSENT = n", 2],
    ["M = m || M = n", 2],
    ["NUM >= 17", 2],
    ["NUM < 9", 0],
    ['TEXT = "abc"', 2],
    ["m", 1],
    ["y && n", 0],
    ["Y # a remark", 2],
  ])("%s is %s", (text, value) => {
    expect(worth(text)).toBe(value);
  });

  test("a test of the compiler is unknown, until the rest decides", () => {
    expect(worth("$(cc-option,-fsanitize=kernel-address)")).toBeNull();
    expect(worth("Y && $(success,echo (a) | cat)")).toBeNull();
    expect(worth("N && $(success,true)")).toBe(0);
    expect(worth("Y || $(success,true)")).toBe(2);
    expect(worth('"$(CROSS)" != ""')).toBeNull();
  });

  test("with no modules m is n", () => {
    expect(evaluate(parseExpression("m"), new Map())).toBe(0);
  });

  test.each(["", "A &&", "(A", "A)", "&& A", "A = ", "$(open", "A ? B"])("%j cannot be read", (text) => {
    expect(() => parseExpression(text)).toThrow(expect.objectContaining({ code: "KCONFIG_SYNTAX" }));
  });
});

describe("unmetParts", () => {
  test("names of a conjunction only what fails, of a disjunction both sides", () => {
    expect(unmet("Y && N && M")).toEqual(["CONFIG_N (is n)", "CONFIG_M (is m)"]);
    expect(unmet("Y && M", 1)).toEqual([]);
    expect(unmet("N || Y && ABSENT")).toEqual(["CONFIG_N (is n) or CONFIG_ABSENT (is n)"]);
    expect(unmet("!Y")).toEqual(["!CONFIG_Y (CONFIG_Y is y)"]);
    expect(unmet("NUM > 20")).toEqual(["CONFIG_NUM > 20 (CONFIG_NUM is 17)"]);
    expect(unmet("!(Y && M)", 2)).toEqual(["!(CONFIG_Y && CONFIG_M) (CONFIG_Y is y, CONFIG_M is m)"]);
    expect(unmet("$(success,true) && Y")).toEqual([
      "the test $(success,true) of the compiler, linker or assembler",
    ]);
  });

  test("finds nothing exactly where the expression is met", () => {
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom("Y", "M", "N", "Y = y", "NUM < 5"),
        tie("expression").map((inner) => `!(${inner})`),
        fc
          .tuple(tie("expression"), fc.constantFrom("&&", "||"), tie("expression"))
          .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      ),
    }));
    fc.assert(
      fc.property(expression, fc.constantFrom(1 as const, 2 as const), (text, level) => {
        expect(unmet(text, level).length === 0).toBe((worth(text) ?? 0) >= level);
      }),
    );
  });
});
