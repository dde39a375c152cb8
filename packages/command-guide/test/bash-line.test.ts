import { execa } from "execa";
import { expect, test } from "vitest";
import { quoteForBash, readBashLine } from "../src/completion/bash-line.js";

test.each([
  ["vm run ", ["vm", "run"], "", 0, ""],
  ["vm run --root=/a", ["vm", "run"], "--root=/a", 7, ""],
  ["vm run 'My V", ["vm", "run"], "My V", 0, "'"],
  [String.raw`vm run My\ V`, ["vm", "run"], "My V", 0, ""],
  [String.raw`vm run "a\"b $`, ["vm", "run"], 'a"b $', 0, '"'],
  ["vm run 'a b' c", ["vm", "run", "a b"], "c", 0, ""],
  ["vm run '' ", ["vm", "run", ""], "", 0, ""],
  ["vm run -k git:v6", ["vm", "run", "-k"], "git:v6", 4, ""],
])("%s is read as bash and readline read it", (line, words, current, kept, quote) => {
  expect(readBashLine(line, " \t\n\"'><=;|&(:")).toEqual({ words, current, kept, quote });
});

const oddNames = [
  "plain",
  "two words",
  "it's",
  'a"b',
  "$HOME",
  "a`b",
  "a\\b",
  "~",
  "a*b?[c]",
  "ünï",
  "{a,b}",
  "a;b",
  "#a",
  "!x",
];

test.each(["", "'", '"'] as const)("what is put into %j quotes is one word for bash", async (quote) => {
  for (const name of oddNames) {
    const word = `${quote}${quoteForBash(name, quote)}${quote}`;
    const { stdout } = await execa("bash", ["-c", `printf %s ${word}`], { stripFinalNewline: false });
    expect(stdout).toBe(name);
  }
});
