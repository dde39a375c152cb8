"use strict";
// Loads bin/*.cjs beside it as require() would, with what V8 compiled of them when they were built (bundle.mjs): compiling is
// a third of a dry run's time. V8 refuses the code of another version or of other text; then the text is compiled as usual.
const { readFileSync, writeFileSync } = require("node:fs");
const { wrap } = require("node:module");
const { Script } = require("node:vm");

const cache = `${__dirname}/code-cache/${process.version}-${process.arch}/`;
const loaded = [];

function readCode(name) {
  try {
    return readFileSync(cache + name);
  } catch {
    return undefined;
  }
}

function load(name) {
  const filename = `${__dirname}/bin/${name}`;
  const cachedData = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : readCode(name);
  const script = new Script(wrap(readFileSync(filename, "utf8")), { filename, cachedData });
  loaded.push([name, script]);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, requireFrom, module, filename, `${__dirname}/bin`);
  return module.exports;
}

function requireFrom(id) {
  // Code from a cache cannot import(): V8 forgets whose code it is.
  if (id === "import-module") return { importModule: (url) => import(url) };
  return require(id);
}

exports.load = load;

// The build asks for the compiled code once what a run needs has been compiled.
if (process.env.VM_BUILD_CODE_CACHE) {
  process.once("exit", () => {
    for (const [name, script] of loaded) writeFileSync(cache + name, script.createCachedData());
  });
}
