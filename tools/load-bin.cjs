"use strict";
// Loads bin/*.cjs beside it as require() would, with what V8 compiled of them when they were built (bundle.mjs): compiling is
// a third of a dry run's time. V8 refuses the code of another version or of other flags; then the text is compiled as usual.
const { isAscii } = require("node:buffer");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { Script } = require("node:vm");

/** Of the text of all bundles: bundle.mjs puts it here. */
const BUILD = "";

const loaded = new Map();
const cache = findCache();

function findCache() {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const built = `${__dirname}/code-cache/${process.version}-${process.arch}`;
  if (!existsSync(built)) return require("./kept-code.cjs").keptCode(BUILD);
  return {
    read: (name) => (existsSync(`${built}/${name}`) ? readFileSync(`${built}/${name}`) : undefined),
    // The build asks for the compiled code once what a run needs has been compiled.
    ...(process.env.VM_BUILD_CODE_CACHE
      ? { write: (name, code) => writeFileSync(`${built}/${name}`, code) }
      : {}),
  };
}

function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.module.exports;
  const filename = `${__dirname}/bin/${name}`;
  const cachedData = cache?.read(name);
  const bytes = readFileSync(filename);
  // A function of what a module gets. Nearly all bundles are ASCII, which costs less to decode.
  const script = new Script(bytes.toString(isAscii(bytes) ? "latin1" : "utf8"), { filename, cachedData });
  const isCompiled = cachedData !== undefined && script.cachedDataRejected === false;
  const module = { exports: {} };
  loaded.set(name, { script, isCompiled, module });
  script.runInThisContext()(module.exports, requireFrom, module, filename, `${__dirname}/bin`);
  return module.exports;
}

function requireFrom(id) {
  return id.startsWith("./") ? load(id.slice(2)) : (process.getBuiltinModule(id) ?? require(id));
}

exports.load = load;

if (cache?.write !== undefined) {
  process.once("exit", () => {
    for (const [name, { script, isCompiled }] of loaded) {
      // The build runs several commands, each of which compiles more.
      if (!isCompiled || process.env.VM_BUILD_CODE_CACHE) cache.write(name, script.createCachedData());
    }
  });
}
