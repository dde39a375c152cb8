// Bundles the CLI into CommonJS files that start fast: dist/bin/vm.cjs, one file a command, and one
// for each part of a command that most runs do without (src/late); each is loaded when it is used.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildCodeCache } from "./code-cache.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../../packages");
const entries = ["commands", "late"].flatMap((folder) =>
  readdirSync(join(here, "src", folder)).map((file) => `${folder}/${file}`),
);

/** `require("./run.cjs")` stays a load at run time, of the command's own bundle beside vm.cjs. */
const commandsApart = {
  name: "commands-apart",
  setup(context) {
    context.onResolve({ filter: /^\.\/[a-z-]+\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** import() is left to bin/vm.cjs, which says why. */
const importInBin = {
  name: "import-in-bin",
  setup(context) {
    context.onResolve({ filter: /^\.\/import-module\.js$/ }, () => ({
      path: "import-module",
      external: true,
    }));
  },
};

/**
 * Modules of Node that take milliseconds to load, and that most runs never touch: loaded at the first touch instead. The
 * bundler copies a module's own names at once, so these are behind the prototype.
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

rmSync(join(here, "dist/bin"), { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: {
    vm: "src/bin.ts",
    ...Object.fromEntries(entries.map((file) => [basename(file, ".ts"), `src/${file}`])),
  },
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
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("url").pathToFileURL(__filename).href;' },
  plugins: [commandsApart, importInBin, loadLate],
  legalComments: "none",
  logLevel: "warning",
});

// The guest's files: packages find them at ../guest beside their source, so the bundle has them at dist/guest.
const guest = join(here, "dist/guest");
rmSync(guest, { recursive: true, force: true });
mkdirSync(guest, { recursive: true });
for (const name of readdirSync(packages)) {
  const from = join(packages, name, "guest");
  if (existsSync(from)) cpSync(from, guest, { recursive: true });
}

// The fragments that `vm kconfig` knows by name.
const configs = join(here, "dist/configs");
rmSync(configs, { recursive: true, force: true });
cpSync(join(here, "../../configs"), configs, { recursive: true });

buildCodeCache();
