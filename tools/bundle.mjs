// @ts-check
// What the bins have in common: CommonJS files that start fast, and the code that V8 compiles of them, kept.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Modules of Node that take milliseconds to load, and that most runs never call: loaded at the first call instead. */
const LATE_MODULES = { child_process: ["spawn", "spawnSync"], tty: ["isatty"] };

/** @type {import("esbuild").Plugin} */
const loadLate = {
  name: "load-late",
  setup(context) {
    const filter = new RegExp(`^node:(${Object.keys(LATE_MODULES).join("|")})$`);
    context.onResolve({ filter }, ({ path }) => ({ path: path.slice("node:".length), namespace: "late" }));
    context.onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
      contents: Object.entries(LATE_MODULES)
        .filter(([name]) => name === path)
        .flatMap(([name, exported]) =>
          exported.map((each) => `exports.${each} = (...args) => require("${name}").${each}(...args);`),
        )
        .join("\n"),
      loader: "js",
    }));
  },
};

/**
 * Bundles the entry points of a package into dist/bin/*.cjs, for `dist/load-bin.cjs`, which it puts beside that directory.
 * @param {{ directory: string, entryPoints: Record<string, string>, plugins?: readonly import("esbuild").Plugin[] }} options
 *   `entryPoints`: from the name without `.cjs` to the source, relative to `directory`, the package's
 */
export async function bundleBin({ directory, entryPoints, plugins = [] }) {
  rmSync(join(directory, "dist/bin"), { recursive: true, force: true });
  await build({
    absWorkingDir: directory,
    entryPoints,
    outdir: "dist/bin",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    conditions: ["@vm/source"],
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    keepNames: false,
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("url").pathToFileURL(__filename).href;' },
    plugins: [...plugins, loadLate],
    legalComments: "none",
    logLevel: "warning",
  });
  copyFileSync(fileURLToPath(new URL("load-bin.cjs", import.meta.url)), join(directory, "dist/load-bin.cjs"));
}

/**
 * Empties the place for the compiled code. Runs of the bin with the environment that comes back fill it.
 * @param {string} directory the package's
 * @returns {Record<string, string>}
 */
export function prepareCodeCache(directory) {
  const cache = join(directory, "dist/code-cache");
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(join(cache, `${process.version}-${process.arch}`), { recursive: true });
  return { VM_BUILD_CODE_CACHE: "1" };
}
