import { readFileSync } from "node:fs";
import { format } from "node:util";
import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import * as qemu from "../src/index.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^## ([^\n]+)\n[^#]*?```js\n(.*?)```\n\n```text\n(.*?)```/gms)];

test("the page has its five examples", () => {
  expect(examples).toHaveLength(5);
});

test.each(examples.map((match) => [match[1], match[2] ?? "", match[3]]))(
  "the example of '%s' prints what stands below it",
  (_, code, output) => {
    let printed = "";
    const log = (...values: unknown[]): void => {
      printed += `${format(...values)}\n`;
    };
    const script = code
      .replace(/^import \* as qemu from .*$/m, "")
      .replace(/^import (\{[^}]*\}) from .*$/m, "const $1 = qemu;");
    const run: (module: typeof qemu, console: { log: typeof log }) => void = runInThisContext(
      `(qemu, console) => {${script}}`,
    );
    run(qemu, { log });
    expect(printed).toBe(output);
  },
);
