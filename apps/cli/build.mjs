// Bundles the CLI into CommonJS files that start fast: dist/bin/vm.cjs, and one for each import() of the sources (a command, or a
// part of one that most runs do without), which is loaded when it is used.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleBin } from "../../tools/bundle.mjs";
import { buildCodeCache } from "./code-cache.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../../packages");
await bundleBin({
  directory: here,
  entryPoints: { vm: "src/bin.ts", supervisor: "src/supervisor.ts", manual: "src/write-manual.ts" },
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

// The pages that `vm help` shows; of these and of the commands' definitions the manual pages are made.
const docs = join(here, "dist/docs");
rmSync(docs, { recursive: true, force: true });
mkdirSync(docs, { recursive: true });
for (const name of readdirSync(join(here, "../../docs")))
  if (name.endsWith(".md")) cpSync(join(here, "../../docs", name), join(docs, name));
await createRequire(import.meta.url)("./dist/load-bin.cjs")
  .load("manual.cjs")
  .writeOwnManual(join(here, "dist/man"));

// What `vm completion` prints.
cpSync(join(here, "completion"), join(here, "dist/completion"), { recursive: true });

buildCodeCache();
