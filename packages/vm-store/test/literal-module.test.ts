import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readLiteralModule } from "../src/literal-module.js";
import { renderConfigModule } from "../src/config-template.js";
import { scratchDirectory } from "./scratch.js";

const NAMES = ["qemuOptions", "kernelCmdline", "arch"];
const directory = scratchDirectory();

/** Node's own import(): vitest replaces the one in this file. */
writeFileSync(join(directory, "import.cjs"), "module.exports = (url) => import(url);");
const importNatively: (url: string) => Promise<Record<string, unknown>> = createRequire(import.meta.url)(
  join(directory, "import.cjs"),
);

let modules = 0;

/** What import() makes of the text, or undefined where it is no module. */
async function imported(text: string): Promise<Record<string, unknown> | undefined> {
  const file = join(directory, `${modules++}.mjs`);
  writeFileSync(file, text);
  try {
    return { ...(await importNatively(pathToFileURL(file).href)) };
  } catch {
    return undefined;
  }
}

const space = fc.constantFrom(
  "",
  "",
  " ",
  "\n",
  "\r\n",
  "\t",
  " // note: ] }\n",
  "/* a\n*/",
  "/**/",
  "\u2028",
  "\u00a0",
);

const stringSource = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  fc
    .array(
      fc.constantFrom(
        "a",
        ",",
        "\\n",
        "\\'",
        '\\"',
        "\\\\",
        "\\x41",
        "\\u00e9",
        "\\u{1F600}",
        "\\0",
        "\\\n",
        "\\q",
        "\u2028",
        "ü",
        "//",
        "`",
        "\\b\\v",
      ),
    )
    .chain((parts) => fc.constantFrom(`'${parts.join("")}'`, `"${parts.join("")}"`)),
);

const { literal } = fc.letrec<{ literal: string; array: string; object: string }>((tie) => ({
  literal: fc.oneof(
    { depthSize: "small" },
    stringSource,
    fc.constantFrom(
      "true",
      "false",
      "null",
      "0",
      "-1",
      "1.5",
      "-0",
      "12e3",
      "0x1f",
      "undefined",
      "01",
      "1_0",
      "`x`",
      "a.b",
    ),
    tie("array"),
    tie("object"),
  ),
  array: fc
    .tuple(fc.array(fc.tuple(space, tie("literal"), space)), fc.constantFrom("", ",", ",,"), space)
    .map(
      ([items, end, after]) =>
        `[${items.map((item) => item.join("")).join(",")}${items.length > 0 ? end : ""}${after}]`,
    ),
  object: fc
    .tuple(
      fc.array(
        fc.tuple(
          space,
          fc.oneof(
            fc.constantFrom("a", "b", "$x", "if", "__proto__", "toString", "1", "'q-r'", "ü", "[1]"),
            stringSource,
          ),
          space,
          tie("literal"),
          space,
        ),
      ),
      fc.constantFrom("", ","),
    )
    .map(
      ([entries, end]) =>
        `{${entries.map(([a, key, b, value, c]) => `${a}${key}${b}:${value}${c}`).join(",")}${entries.length > 0 ? end : ""}}`,
    ),
}));

const moduleSource = fc
  .array(
    fc
      .tuple(
        space,
        fc.constantFrom("export const ", "export  const\t", "export let ", "const "),
        fc.constantFrom(...NAMES, "other"),
        space,
        literal,
        fc.constantFrom(";", ";", "\n", "", " ;", ";;", ".x;", "\n;\n"),
        space,
      )
      .map(([a, declaration, name, b, value, end, c]) => `${a}${declaration}${name} =${b}${value}${end}${c}`),
    { maxLength: 3 },
  )
  .map((parts) => parts.join(""));

test("what the reader accepts is exactly what import() gives", async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(moduleSource, async (text) => {
      const read = readLiteralModule(text, NAMES);
      if (read === undefined) return;
      accepted++;
      expect(read).toStrictEqual(await imported(text));
    }),
    { numRuns: 1500 },
  );
  expect(accepted).toBeGreaterThan(150);
});

test("a text with one character changed is still read as import() reads it", async () => {
  const text = renderConfigModule({
    name: "a`b",
    machine: { cpus: "2", memory: "2G" },
    rootDisk: "root.qcow2",
  });
  let accepted = 0;
  const characters = fc.constantFrom(...Array.from("[]{}()\"'`\\/*;,:=.-+0aeé\n\r\t $#<!\0\u2028\ufeff"));
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length), fc.nat(1), characters, async (at, removed, character) => {
      const changed = text.slice(0, at) + character + text.slice(at + removed);
      const read = readLiteralModule(changed, NAMES);
      if (read === undefined) return;
      accepted++;
      expect(read).toStrictEqual(await imported(changed));
    }),
    { numRuns: 500 },
  );
  expect(accepted).toBeGreaterThan(50);
});

test.each([
  "export const qemuOptions = [['-smp', `4`]];",
  "export const qemuOptions = [...[]];",
  "import 'x';",
  "export const other = [];",
  "export const arch = 'a'; export const arch = 'b';",
  "export const arch = {__proto__: null};",
  "export const arch = 'a' + 'b';",
  "export const arch = 'a'\n.length;",
  "export const arch = 'a' export const qemuOptions = [];",
  "export const arch = '\\07';",
  "export const arch = /* never closed",
  "export const arch = [",
  "export const arch = 'a",
  "export const arch =",
])("%j is left to import()", (text) => {
  expect(readLiteralModule(text, NAMES)).toBeUndefined();
});

test("the config module of a new VM is read without import()", () => {
  const text = renderConfigModule({
    name: "x",
    machine: { cpus: "2", memory: "2G" },
    rootDisk: "root.qcow2",
  });
  expect(readLiteralModule(text, NAMES)).toMatchObject({
    kernelCmdline: ["root=/dev/vda1", "rw", "console=ttyS0,115200"],
  });
});
