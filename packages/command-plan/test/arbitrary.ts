import * as fc from "fast-check";
import type { Plan, Step } from "../src/index.js";

/** Characters that a shell, a terminal or shellcheck could take for something else. */
const nasty = Array.from(
  "'\"\\$`!*?[]{}()<>|&;#~=%@^-+,.:/ \t\n\r" +
    "\u0001\u0007\u001b\u007f\u0081\u0085\u0088\u00a0\u00ad\u200b\u2018\u2019\u201c\u2028\u202e\ufeff\u{1f600}é",
);

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
    "~/x",
    "$'a'",
    "\\",
    "'",
    "''",
    "\n",
    "%s",
    "!!",
  ),
);

const line = fc.oneof(
  word,
  fc.constantFrom("EOF", "END_1", "eof", "  EOF", "EOF ", "EOF'", "\\c", "\\0101", "%b", "key = value"),
);

/** What a person would write into a file, and what nobody would. */
const content: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.array(line).map((lines) => lines.join("\n")),
  fc
    .array(fc.constantFrom("EOF", "END_1", "plain", "\ttab", "$HOME `x` \\n"), { minLength: 1 })
    .map((lines) => `${lines.join("\n")}\n`),
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom("", "\n", "\n\n", "no newline", "\0", "#!/bin/sh\nexit 3\n", "\ufeffBOM\n"),
);

const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b") },
  {
    weight: 2,
    arbitrary: fc.constantFrom("a", "b", "c", "d e", "-f", "it's", "$HOME", "*", "~", "new\nline", "ü", "=g"),
  },
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
const yes = fc.constant<true>(true);

type Argv = readonly [string, ...string[]];

const argv: fc.Arbitrary<Argv> = fc.oneof(
  fc.constantFrom<Argv[]>(
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
  ),
  name.map((file): Argv => ["tee", `./${file}`]),
  fc.tuple(path, path).map(([target, link]): Argv => ["ln", "-s", "--", target, link]),
  fc.tuple(path, path).map(([target, link]): Argv => ["ln", "--", target, link]),
  name.map((file): Argv => [`./${file}`]),
  fc.array(word).map((words): Argv => ["printf", "<%s>\\n", ...words]),
);

const fileStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("comment"),
    text: fc.oneof(word, fc.constant("shellcheck disable=all\nshellcheck")),
  }),
  fc.record(
    { kind: fc.constant("make-directory"), path, parents: yes, mode },
    { requiredKeys: ["kind", "path"] },
  ),
  fc.record(
    { kind: fc.constant("write-file"), path, content, mode },
    { requiredKeys: ["kind", "path", "content"] },
  ),
  fc.record({
    kind: fc.constant("change-directory"),
    path: fc.oneof(path, fc.constantFrom("..", ".", "a", "a")),
  }),
  fc.record({ kind: fc.constant("rename"), from: path, to: path }).filter((step) => step.from !== step.to),
  fc.record({ kind: fc.constant("remove"), path, recursive: yes }, { requiredKeys: ["kind", "path"] }),
);

const runStep: fc.Arbitrary<Step> = fc.record(
  { kind: fc.constant("run"), argv, input: content },
  { requiredKeys: ["kind", "argv"] },
);

/** Plans that mostly go on for some steps; many end in a failure, of every kind. */
export const plan: fc.Arbitrary<Plan> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: fileStep }, { weight: 1, arbitrary: runStep }), {
      maxLength: 10,
    }),
    fc.option(fc.record({ kind: fc.constant("exec"), argv }), { freq: 3, nil: undefined }),
  )
  .map(([steps, last]) => withRealPrograms(last === undefined ? steps : [...steps, last]));

function isOwnProgram(step: Step): boolean {
  return (step.kind === "run" || step.kind === "exec") && step.argv[0].startsWith("./");
}

/**
 * A file that is executed begins with `#!`: of others, bash, dash and execvp(3) each make something else (an empty one is
 * a success, an error, or "cannot execute").
 */
function withRealPrograms(steps: Plan): Plan {
  if (!steps.some((step) => isOwnProgram(step))) return steps;
  return steps.flatMap((step): readonly Step[] => {
    if (step.kind === "run" && step.argv[0] === "tee") return [];
    return step.kind === "write-file" ? [{ ...step, content: "#!/bin/sh\nexit 3\n" }] : [step];
  });
}
