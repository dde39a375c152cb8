// @ts-check
// What the bins have in common: CommonJS files that start fast, and the code that V8 compiles of them, kept.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";

/**
 * Modules of Node take up to 4 ms to load (node:crypto), where a whole `node -e 0` takes 22. Sources import them as usual; in the
 * bundle they are loaded at the first touch. The bundler copies a module's own names at once, so these are behind the prototype.
 * Packages get those that are a function or a class as they are.
 * @type {import("esbuild").Plugin}
 */
const loadLate = {
  name: "load-late",
  setup(context) {
    context.onResolve({ filter: /^node:/ }, ({ path, namespace, importer }) => {
      const isAsItIs = importer.includes("/node_modules/") && isFunction(path);
      // The load itself, inside the stand-in, is Node's.
      return namespace === "late" || isAsItIs ? { path, external: true } : { path, namespace: "late" };
    });
    context.onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
      contents: isFunction(path) ? lateFunction(path) : lateObject(path),
      loader: "js",
    }));
  },
};

/** Every Node has loaded these before it starts a program, and they are used a thousand times in a start. */
const LOADED = new Set(["node:fs", "node:path"]);

/** @param {string} path such as node:fs */
function lateObject(path) {
  if (LOADED.has(path)) return `module.exports = Object.create(require("${path}"));`;
  return `let loaded;
  module.exports = Object.create(new Proxy({}, { get: (_, name) => (loaded ??= require("${path}"))[name] }));`;
}

/**
 * Some modules are a function (node:assert) or a class (node:stream, node:events).
 * @param {string} path
 */
function lateFunction(path) {
  return `let loaded;
  const names = { get: (_, name) => (loaded ??= require("${path}"))[name] };
  module.exports = new Proxy(function () { "use strict"; }, {
    ...names,
    getPrototypeOf: () => new Proxy({}, names),
    apply: (_, self, words) => Reflect.apply(require("${path}"), self, words),
    construct: (_, words, target) => Reflect.construct(require("${path}"), words, target),
  });`;
}

/** @param {string} path */
function isFunction(path) {
  return typeof process.getBuiltinModule(path) === "function";
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * What the sources import(), a file or a package, is a bundle of its own, loaded when it is used. It has copies of what the others
 * have too: one file that is read is faster than many that share.
 * @param {Map<string, string>} bundles from a source to the name of its bundle: those that are found are added
 * @returns {import("esbuild").Plugin}
 */
function bundlesOfTheirOwn(bundles) {
  return {
    name: "bundles-of-their-own",
    setup(context) {
      context.onResolve({ filter: /^[^:]+$/ }, async ({ path, kind, importer, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const { path: source, errors } = await context.resolve(path, {
          kind: "import-statement",
          importer,
          resolveDir,
        });
        if (errors.length > 0) return { errors };
        const name = bundles.get(source) ?? bundleName(source);
        bundles.set(source, name);
        return { path: `./${name}.cjs`, external: true };
      });
    },
  };
}

/**
 * `cli-run-command-run` for apps/cli/src/run/command-run.ts.
 * @param {string} source absolute
 */
function bundleName(source) {
  return relative(ROOT, source)
    .replace(/^(?:apps|packages|node_modules)\//, "")
    .replace("/src/", "/")
    .replace(/\.\w+$/, "")
    .replaceAll("/", "-");
}

/**
 * import() of a file that only the run knows: by a file that Node itself loads. Code out of a cache cannot do it, since V8 does
 * not keep whose code it is.
 * @type {import("esbuild").Plugin}
 */
const importByNode = {
  name: "import-by-node",
  setup(context) {
    context.onLoad({ filter: /\/import-module\.ts$/ }, () => ({
      contents: `import { createRequire } from "node:module";
        export const importModule = (url) => createRequire(import.meta.filename)("../import-file.cjs")(url);`,
    }));
  },
};

/**
 * Bundles the entry points of a package, and what they import(), into dist/bin/*.cjs, for `dist/load-bin.cjs`, which it puts beside
 * that directory.
 * @param {{ directory: string, entryPoints: Record<string, string>, dist?: string, plugins?: readonly import("esbuild").Plugin[] }} options
 *   `entryPoints`: from the name without `.cjs` to the source, relative to `directory`, the package's; `dist`: in the place of
 *   its dist/
 */
export async function bundleBin({ directory, entryPoints, dist = join(directory, "dist"), plugins = [] }) {
  rmSync(join(dist, "bin"), { recursive: true, force: true });
  /** @type {Map<string, string>} */
  const bundles = new Map(
    Object.entries(entryPoints).map(([name, source]) => [resolve(directory, source), name]),
  );
  /** @type {Set<string>} */
  const inputs = new Set();
  for (const [source, name] of bundles) {
    const { metafile } = await bundle({
      absWorkingDir: directory,
      entryPoints: { [name]: source },
      outdir: join(dist, "bin"),
      outExtension: { ".js": ".cjs" },
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "cjs",
      charset: "ascii",
      conditions: ["@vm/source"],
      minify: true,
      supported: { "dynamic-import": false },
      define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
      banner: {
        js: "(function (exports, require, module, __filename, __dirname) {",
      },
      footer: { js: "})" },
      plugins: [...plugins, bundlesOfTheirOwn(bundles), importByNode, loadLate],
      legalComments: "none",
      logLevel: "warning",
      metafile: true,
    });
    for (const input of Object.keys(metafile.inputs)) inputs.add(resolve(directory, input));
  }
  writeFileSync(join(dist, "third-party-licenses.txt"), thirdPartyLicenses(inputs));
  for (const file of ["import-file.cjs", "kept-code.cjs"])
    copyFileSync(fileURLToPath(new URL(file, import.meta.url)), join(dist, file));
  const build = createHash("sha256");
  for (const name of [...bundles.values()].toSorted())
    build.update(readFileSync(join(dist, "bin", `${name}.cjs`)));
  const loader = readFileSync(new URL("load-bin.cjs", import.meta.url), "utf8");
  writeFileSync(
    join(dist, "load-bin.cjs"),
    loader.replace('BUILD = ""', `BUILD = "${build.digest("hex").slice(0, 16)}"`),
  );
}

/**
 * The licenses of the packages of others that are in the bundles.
 * @param {Iterable<string>} inputs absolute paths of what was bundled
 */
function thirdPartyLicenses(inputs) {
  const packages = new Set(
    [...inputs].flatMap((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input) ?? []),
  );
  const texts = [...packages].map((directory) => {
    /** @type {{ name: string, version: string, license?: string }} */
    const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `License: ${license}\n` : readFileSync(join(directory, file), "utf8");
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return texts.toSorted().join(`\n${"-".repeat(72)}\n\n`);
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
