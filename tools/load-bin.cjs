"use strict";
// Loads bin/*.cjs beside it as require() would, with what V8 compiled of them when they were built (bundle.mjs): compiling is
// a third of a dry run's time. V8 refuses the code of another version or of other text; then the text is compiled as usual.
const { isAscii } = require("node:buffer");
const { readFileSync, writeFileSync } = require("node:fs");
const { pathToFileURL } = require("node:url");
const { Script } = require("node:vm");

const cache = `${__dirname}/code-cache/${process.version}-${process.arch}/`;
const ownUrl = pathToFileURL(__dirname).href;
const loaded = new Map();

function readCode(name) {
  try {
    return readFileSync(cache + name);
  } catch {
    return undefined;
  }
}

function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.module.exports;
  const filename = `${__dirname}/bin/${name}`;
  const cachedData = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : readCode(name);
  const bytes = readFileSync(filename);
  // A function of what a module gets. Nearly all bundles are ASCII, which costs less to decode.
  const script = new Script(bytes.toString(isAscii(bytes) ? "latin1" : "utf8"), { filename, cachedData });
  const module = { exports: {} };
  loaded.set(name, { script, module });
  const importMetaUrl = `${ownUrl}/bin/${name}`;
  script.runInThisContext()(module.exports, requireFrom, module, filename, `${__dirname}/bin`, importMetaUrl);
  return module.exports;
}

function requireFrom(id) {
  return id.startsWith("./") ? load(id.slice(2)) : (process.getBuiltinModule(id) ?? require(id));
}

exports.load = load;

// The build asks for the compiled code once what a run needs has been compiled.
if (process.env.VM_BUILD_CODE_CACHE) {
  process.once("exit", () => {
    for (const [name, { script }] of loaded) writeFileSync(cache + name, script.createCachedData());
  });
}
