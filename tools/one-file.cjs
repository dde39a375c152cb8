"use strict";
// What `vm-x86_64` begins with, in which Node and the bundles are one file (Node's single executable application:
// tools/packages/one-file.mjs makes it). Bundles are run as tools/load-bin.cjs does, out of the file. Scripts and fragments, which
// other programs read, are unpacked into the cache once, and what V8 compiles is kept there.
const { isAscii } = require("node:buffer");
const { createRequire } = require("node:module");
const sea = require("node:sea");
const { Script } = require("node:vm");
const { keptCode, keptFiles } = require("./kept-code.cjs");

/** @param {string} name */
const read = (name) => Buffer.from(sea.getRawAsset(name));
const text = (/** @type {string} */ name) => sea.getAsset(name, "utf8");

const { build, unpacked } = JSON.parse(text("index.json"));
const cache = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : keptCode(build);

/** The place of the program's files: of those that are unpacked they are there. */
const root = keptFiles(
  `${build}-files`,
  unpacked.map((/** @type {string} */ name) => ({ name, read: () => read(name) })),
);
const loaded = new Map();

/** @param {string} name such as vm.cjs */
function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const filename = `${root}/dist/bin/${name}`;
  const bytes = read(`dist/bin/${name}`);
  const cachedData = cache?.read(name);
  const script = new Script(bytes.toString(isAscii(bytes) ? "latin1" : "utf8"), { filename, cachedData });
  const module = { exports: {} };
  loaded.set(name, module);
  if (cache !== undefined && (cachedData === undefined || script.cachedDataRejected)) {
    process.once("exit", () => cache.write(name, script.createCachedData()));
  }
  script.runInThisContext()(module.exports, requireFrom, module, filename, `${root}/dist/bin`);
  return module.exports;
}

/** @param {string} id */
function requireFrom(id) {
  return id.startsWith("./") ? load(id.slice(2)) : process.getBuiltinModule(id);
}

/** @param {string} id */
function requireInBin(id) {
  return id.endsWith("/load-bin.cjs") ? { load } : process.getBuiltinModule(id);
}

/**
 * A file of the bin, which loads the bundles by the loader beside them.
 * @param {string} name
 */
function runBin(name) {
  const body = text(`bin/${name}`).replace(/^#!.*/, "");
  const filename = `${root}/bin/${name}`;
  new Script(`(function (require, __dirname) {${body}\n})`, { filename }).runInThisContext()(
    requireInBin,
    `${root}/bin`,
  );
}

const [, , word, source] = process.argv;
// Node has here what the file was started as; this holds whatever PATH says, and is how the program knows (apps/cli/src/own-bin.ts).
process.argv[1] = process.execPath;
if (word === "--vm-supervisor") {
  process.argv.splice(2, 1);
  runBin("supervisor.cjs");
} else if (word === "--vm-module") {
  // As `node --input-type=module -e`: where a module has a syntax error, Node says in which line.
  void createRequire(`${root}/dist/`)("./import-file.cjs")(
    `data:text/javascript,${encodeURIComponent(source ?? "")}`,
  );
} else {
  runBin("vm.cjs");
}
