import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { runProgram, type Outcome } from "../guest/vm-home.js";

const TOOL = fileURLToPath(new URL("../../tools/import-circles.mjs", import.meta.url));

/** What the tool says of two made-up packages, `@x/a` and `@x/b`, with these files. */
async function circles(files: Readonly<Record<string, string>>): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), "vm-circles-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const manifests = {
    "packages/a/package.json": '{ "name": "@x/a" }',
    "apps/b/package.json": '{ "name": "@x/b" }',
  };
  for (const [file, text] of Object.entries({ ...manifests, ...files })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return await runProgram([process.execPath, TOOL, root]);
}

const index = { "packages/a/src/index.ts": 'export { one } from "./one.js";\n' };

test("imports that run downwards are none", async () => {
  const outcome = await circles({
    ...index,
    "packages/a/src/one.ts": 'import { two } from "./in/two.js";\nimport { join } from "node:path";\n',
    "packages/a/src/in/two.ts": "export const two = 2;\n",
    "apps/b/src/bin.ts": 'import { one } from "@x/a";\nimport { two } from "@y/two";\n',
  });
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
});

test.each([
  ["of values", 'import {\n  one,\n} from "../one.js";\n'],
  ["of types alone", 'import type { one } from "../one.js";\n'],
  ["that passes something on", 'export * from "../one.js";\n'],
  ["of a file that is loaded late", 'const one = await import("../one.js");\n'],
])("a circle %s is found", async (_name, text) => {
  const { status, stderr } = await circles({
    ...index,
    "packages/a/src/one.ts": 'import { two } from "./in/two.js";\n',
    "packages/a/src/in/two.ts": text,
  });
  expect(status).toBe(1);
  expect(stderr).toBe(
    "import circle: packages/a/src/one.ts -> packages/a/src/in/two.ts -> packages/a/src/one.ts\n",
  );
});

test("a circle across packages is found", async () => {
  const { status, stderr } = await circles({
    ...index,
    "packages/a/src/one.ts": 'import type { two } from "@x/b";\n',
    "apps/b/src/index.ts": 'export { two } from "./two.js";\n',
    "apps/b/src/two.ts": 'import { one } from "@x/a";\n',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^import circle: .*packages\/a\/src\/one\.ts.*\n$/);
  expect(stderr).toContain("apps/b/src/two.ts");
});
