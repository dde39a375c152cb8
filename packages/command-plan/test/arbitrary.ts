import fc from "fast-check";
import type { Plan, Step } from "../src/index.js";

/** Characters that a shell, a terminal or shellcheck could take for something else. */
const nasty = [
  ..."'\"\\$`!*?[]{}()<>|&;#~=%@^-+,.:/ \t\n\r",
  ..."\u0001\u0007\u001b\u007f\u0081\u0085\u0088\u00a0\u00ad\u200b\u2018\u2019\u201c\u2028\u202e\ufeff\u{1f600}é",
];

/** A word with anything in it but NUL: what an argument can be. */
export const word: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...nasty, "a", "EOF", "$(x)", "${y}"), maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 12 }).map((text) => text.replaceAll("\0", "")),
  fc.constantFrom(
    "",
    "-",
    "--",
    "-n",
    "--help",
    "if",
    "a=b",
    "=ls",
    "~",
    "~root",
    "$'a'",
    "\\",
    "'",
    "''",
    "\n",
    "%s",
    "!!",
  ),
);

/** What a person would write into a file, and what nobody would. */
export const content: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc
    .array(
      fc.oneof(
        word,
        fc.constantFrom("EOF", "END_1", "eof", "  EOF", "EOF ", "EOF'", "\\c", "\\0101", "%b", "key = value"),
      ),
    )
    .map((lines) => lines.join("\n")),
  fc
    .array(fc.constantFrom("EOF", "END_1", "plain", "\ttab", "$HOME `x` \\n"), { minLength: 1 })
    .map((lines) => `${lines.join("\n")}\n`),
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom("", "\n", "\n\n", "no newline", "\0", "#!/bin/sh\nexit 3\n", "\ufeffBOM\n"),
);

const names = ["a", "b", "c", "d e", "-f", "it's", "$HOME", "*", "new\nline", "ü", "=g"];
const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b") },
  { weight: 2, arbitrary: fc.constantFrom(...names) },
);

/** Relative, from few names, so that steps meet: inside `a`, through `..`, with a doubled or a trailing slash. */
const path: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: name },
  { weight: 3, arbitrary: fc.tuple(name, name).map(([parent, child]) => `${parent}/${child}`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(name, name, name)
      .chain(([x, y, z]) =>
        fc.constantFrom(`${x}/../${y}`, `../${x}`, `./${x}`, `${x}//${y}`, `${x}/`, `${x}/${y}/${z}`),
      ),
  },
);
const mode: fc.Arbitrary<number> = fc.constantFrom(
  0o644,
  0o600,
  0o755,
  0o400,
  0o777,
  0o1777,
  0o2755,
  0o70,
  0,
);

const fixedPrograms: readonly (readonly [string, ...string[]])[] = [
  ["cat"],
  ["cat", "/dev/stdin"],
  ["head", "-c", "3"],
  ["true"],
  ["echo", "-n", "a\\tb"],
  ["printf", "%s-", "x y", ""],
  ["pwd"],
  ["test", "-d", "a"],
  ["printenv", "PLAN_VARIABLE"],
  ["sh", "-c", "echo out; echo err >&2; exit 7"],
  ["sh", "-c", "kill -KILL $$"],
  ["sh", "-c", "kill -TERM $$"],
  ["no-such-program"],
  ["no/such/program"],
  ["a=b"],
  ["let", "1"],
  ["/"],
];

const argv: fc.Arbitrary<readonly [string, ...string[]]> = fc.oneof(
  fc.constantFrom(...fixedPrograms),
  fc.tuple(name).map(([file]): [string, string] => ["tee", `./${file}`]),
  fc.tuple(path, path).map(([target, link]): [string, ...string[]] => ["ln", "-s", "--", target, link]),
  name.map((file): [string] => [`./${file}`]),
  fc.array(word).map((words): [string, ...string[]] => ["printf", "<%s>\\n", ...words]),
);

const modes = fc.option(mode, { nil: undefined });
const flag = fc.option(fc.constant(true as const), { nil: undefined });

const fileStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("comment" as const),
    text: fc.oneof(word, fc.constant("shellcheck disable=all\nshellcheck")),
  }),
  fc.record({ kind: fc.constant("make-directory" as const), path, parents: flag, mode: modes }).map(compact),
  fc.record({ kind: fc.constant("write-file" as const), path, content, mode: modes }).map(compact),
  fc.record({
    kind: fc.constant("change-directory" as const),
    path: fc.oneof(path, fc.constantFrom("..", ".", "a", "a")),
  }),
  fc
    .record({ kind: fc.constant("rename" as const), from: path, to: path })
    .filter((step) => step.from !== step.to),
  fc.record({ kind: fc.constant("remove" as const), path, recursive: flag }).map(compact),
);

const runStep: fc.Arbitrary<Step> = fc
  .record({ kind: fc.constant("run" as const), argv, input: fc.option(content, { nil: undefined }) })
  .map(compact);

/** Plans that mostly go on for some steps; many end in a failure, of every kind. */
export const plan: fc.Arbitrary<Plan> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: fileStep }, { weight: 1, arbitrary: runStep }), {
      maxLength: 10,
    }),
    fc.option(fc.record({ kind: fc.constant("exec" as const), argv }), { freq: 3, nil: undefined }),
  )
  .map(([steps, last]) => (last === undefined ? steps : [...steps, last]));

/** Drops what is undefined: an optional field is absent, not undefined. */
function compact<T extends { readonly kind: Step["kind"] }>(step: T): Step {
  // The records above are steps but for the undefined fields, which TypeScript cannot subtract.
  return Object.fromEntries(
    Object.entries(step).filter(([, value]) => value !== undefined),
  ) as unknown as Step;
}
