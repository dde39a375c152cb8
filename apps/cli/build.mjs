// Bundles the CLI into CommonJS files that start fast: dist/bin/vm.cjs, and one file a command, loaded when it is used.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../../packages");
const commands = readdirSync(join(here, "src/commands")).filter((file) => file.endsWith(".ts"));

/** `require("./run.cjs")` stays a load at run time, of the command's own bundle beside vm.cjs. */
const commandsApart = {
  name: "commands-apart",
  setup(context) {
    context.onResolve({ filter: /^\.\/[a-z-]+\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** commander asks for child_process at its start and needs it only for subcommands in other programs: 2 ms saved. */
const lazyChildProcess = {
  name: "lazy-child-process",
  setup(context) {
    context.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /node_modules\/commander\//.test(importer)
        ? { path: "child_process", namespace: "lazy" }
        : undefined,
    );
    context.onLoad({ filter: /.*/, namespace: "lazy" }, () => ({
      contents: `exports.spawn = (...args) => require("child_process").spawn(...args);`,
      loader: "js",
    }));
  },
};

rmSync(join(here, "dist/bin"), { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: {
    vm: "src/bin.ts",
    ...Object.fromEntries(
      commands.map((file) => [basename(file, ".ts"), `src/commands/${file}`]),
    ),
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
  keepNames: false,
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("url").pathToFileURL(__filename).href;' },
  plugins: [commandsApart, lazyChildProcess],
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
