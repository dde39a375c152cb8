import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const CONSUMER = fileURLToPath(new URL("published-types", import.meta.url));

/** The compiler of this repository, and the last one that is written in JavaScript, which others still have. */
const compilers = {
  "TypeScript 7": "node_modules/typescript/bin/tsc",
  "TypeScript 6": "tools/api-reference/node_modules/typescript/bin/tsc",
};

function compile(
  compiler: string,
  directory: string,
): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, compiler), "-p", directory], {
    encoding: "utf8",
  });
  return { status, stdout };
}

test.each(Object.entries(compilers))(
  "%s reads the published declarations as they are meant",
  (_, compiler) => {
    expect(compile(compiler, CONSUMER)).toEqual({ status: 0, stdout: "" });
    const { stdout } = spawnSync(process.execPath, [join(ROOT, compiler), "-p", CONSUMER, "--listFiles"], {
      encoding: "utf8",
    });
    expect(stdout).toContain("packages/qemu-argv/dist/index.d.ts");
  },
);

test("a declaration that says something else is found", () => {
  const directory = mkdtempSync(join(fileURLToPath(new URL(".", import.meta.url)), "published-types-"));
  try {
    cpSync(CONSUMER, directory, { recursive: true });
    const file = join(directory, "consumer.ts");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("toEqualTypeOf<QemuOption | undefined>", "toEqualTypeOf<QemuOption>"));
    const { status, stdout } = compile(compilers["TypeScript 7"], directory);
    expect(status).not.toBe(0);
    expect(stdout).toContain("consumer.ts");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
