// @ts-check
// What the bins have in common: CommonJS files that start fast, and the code that V8 compiles of them, kept.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Modules of Node that take milliseconds to load, and that most runs never touch: loaded at the first touch instead. The
 * bundler copies a module's own names at once, so these are behind the prototype.
 * @type {import("esbuild").Plugin}
 */
const loadLate = {
  name: "load-late",
  setup(context) {
    context.onResolve({ filter: /^node:(child_process|net|os|tty)$/ }, ({ path, namespace }) =>
      // The load itself, inside the stand-in, is Node's.
      namespace === "late" ? { path, external: true } : { path, namespace: "late" },
    );
    context.onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
      contents: `module.exports = Object.create(new Proxy({}, { get: (_, name) => require("${path}")[name] }));`,
      loader: "js",
    }));
  },
};

/**
 * import() of a file that only the run knows is left to load-bin.cjs, which says why.
 * @type {import("esbuild").Plugin}
 */
const leftToTheLoader = {
  name: "left-to-the-loader",
  setup(context) {
    context.onResolve({ filter: /^\.\/import-module\.js$/ }, () => ({
      path: "import-module",
      external: true,
    }));
  },
};

/**
 * Bundles the entry points of a package into dist/bin/*.cjs, for `dist/load-bin.cjs`, which it puts beside that directory.
 * @param {{ directory: string, entryPoints: Record<string, string>, dist?: string, plugins?: readonly import("esbuild").Plugin[] }} options
 *   `entryPoints`: from the name without `.cjs` to the source, relative to `directory`, the package's; `dist`: in the place of
 *   its dist/
 */
export async function bundleBin({ directory, entryPoints, dist = join(directory, "dist"), plugins = [] }) {
  rmSync(join(dist, "bin"), { recursive: true, force: true });
  await build({
    absWorkingDir: directory,
    entryPoints,
    outdir: join(dist, "bin"),
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    conditions: ["@vm/source"],
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("url").pathToFileURL(__filename).href;' },
    plugins: [...plugins, leftToTheLoader, loadLate],
    legalComments: "none",
    logLevel: "warning",
  });
  copyFileSync(fileURLToPath(new URL("load-bin.cjs", import.meta.url)), join(dist, "load-bin.cjs"));
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
