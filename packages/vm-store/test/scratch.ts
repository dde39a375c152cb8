import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll } from "vitest";

const root = mkdtempSync(join(tmpdir(), "vm-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** An empty directory that goes when the test file ends. */
export function scratchDirectory(): string {
  return mkdtempSync(join(root, "scratch-"));
}

/** A home with one VM that has this config module. */
export function homeWith(name: string, config: string): string {
  const home = scratchDirectory();
  mkdirSync(join(home, name));
  writeFileSync(join(home, name, "vm.mjs"), config);
  return home;
}

/** Every path below a directory, with the content of the text files among them. */
export function treeOf(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const content = entry.isFile() && path.endsWith(".mjs") ? readFileSync(path, "utf8") : "";
        return [path.slice(directory.length + 1), content] as const;
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The package as one CommonJS file, as the CLI is bundled: for tests that need processes of their own. */
export function bundlePackage(): string {
  const outfile = join(root, "vm-store.cjs");
  buildSync({
    entryPoints: [fileURLToPath(new URL("../src/index.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    conditions: ["@vm/source"],
  });
  return outfile;
}

/**
 * The package from its bundle: vitest would load a config module in its own way, and with its own errors.
 */
export function requirePackage(): typeof import("../src/index.js") {
  const require = createRequire(import.meta.url);
  const api: typeof import("../src/index.js") = require(bundlePackage());
  return api;
}

/** What the promise is rejected with. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; hint?: string }> {
  return promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: Error) => error,
  );
}
