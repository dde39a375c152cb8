#!/usr/bin/env node
"use strict";
// Loads dist/bin/*.cjs as require() would, with what V8 compiled of them when they were built (build.mjs): compiling is a
// third of a dry run's time. V8 refuses the code of another version or of other text; then the text is compiled as usual.
const { readFileSync, writeFileSync } = require("node:fs");
const { wrap } = require("node:module");
const path = require("node:path");
const { Script } = require("node:vm");

const dist = path.join(path.dirname(__dirname), "dist");
const cache = path.join(dist, "code-cache", `${process.version}-${process.arch}`);
const loaded = [];

function readCode(name) {
  try {
    return readFileSync(path.join(cache, name));
  } catch {
    return undefined;
  }
}

function load(name) {
  const filename = path.join(dist, "bin", name);
  const cachedData = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : readCode(name);
  const script = new Script(wrap(readFileSync(filename, "utf8")), { filename, cachedData });
  loaded.push([name, script]);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, requireFrom, module, filename, path.dirname(filename));
  return module.exports;
}

function requireFrom(id) {
  // Code from a cache can not import(): V8 forgets whose code it is.
  if (id === "import-module") return { importModule: (url) => import(url) };
  return id.startsWith("./") ? load(id.slice(2)) : require(id);
}

// build.mjs asks for the compiled code once what a run needs has been compiled.
if (process.env.VM_BUILD_CODE_CACHE) {
  process.once("exit", () => {
    for (const [name, script] of loaded) writeFileSync(path.join(cache, name), script.createCachedData());
  });
}

try {
  load("vm.cjs");
} catch (error) {
  if (error.code !== "ENOENT" || error.path !== path.join(dist, "bin/vm.cjs")) throw error;
  process.stderr.write("vm: this clone is not built yet\nvm:   Run: npm ci && npm run build\n");
  process.exitCode = 1;
}
