"use strict";
// What V8 compiled of an installed program, for a Node other than the one that built it: among the person's own files, made by the
// first run. V8 takes it for code of ours without asking who wrote it, so it is used only where nobody else can write.
const fs = require("node:fs");
const path = require("node:path");

const MONTH_MS = 30 * 86_400_000;

/** The directory of the cache, which may not be there; undefined where there is none. As packages/operations/src/cache-directory.ts has it. */
function cacheHome({ VM_CACHE_HOME, XDG_CACHE_HOME, HOME }) {
  if (VM_CACHE_HOME) return path.isAbsolute(VM_CACHE_HOME) ? VM_CACHE_HOME : undefined;
  if (XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME)) return `${XDG_CACHE_HOME}/vm`;
  return HOME ? `${HOME}/.cache/vm` : undefined;
}

function isOursAlone(directory) {
  const { uid, mode } = fs.statSync(directory);
  return uid === process.geteuid() && (mode & 0o022) === 0;
}

/** Node's own recursive way never ends where mkdir(2) fails with ENOENT though the parent is there, as below /proc. */
function makeDirectory(directory) {
  const parent = path.dirname(directory);
  if (!fs.existsSync(parent)) makeDirectory(parent);
  fs.mkdirSync(directory, { mode: 0o700 });
}

/** Such words may ask for nothing but words: then nothing is written. */
function isDry(word) {
  return /^(?:--dry-run|--help|--version|help|-[A-Za-z]*[nhV][A-Za-z]*)$/.test(word);
}

/**
 * @param {string} build what the code is of: V8 itself compares the length of the text alone
 * @returns {{ read(name: string): Uint8Array | undefined, write(name: string, code: Uint8Array): void } | undefined}
 */
exports.keptCode = function keptCode(build) {
  const home = cacheHome(process.env);
  if (home === undefined) return undefined;
  const room = `${home}/code`;
  const directory = `${room}/${build}-${process.version}-${process.arch}`;
  const isTrusted = () => [home, room, directory].every(isOursAlone);
  return {
    read(name) {
      try {
        return isTrusted() ? fs.readFileSync(`${directory}/${name}`) : undefined;
      } catch {
        return undefined;
      }
    },
    write(name, code) {
      if (process.argv.slice(2).some(isDry)) return;
      try {
        if (!fs.existsSync(directory)) {
          makeDirectory(directory);
          removeOld(room);
        }
        if (!isTrusted()) return;
        const draft = `${directory}/.${Math.random().toString(16).slice(2)}`;
        fs.writeFileSync(draft, code, { flag: "wx", mode: 0o600 });
        fs.renameSync(draft, `${directory}/${name}`);
      } catch {
        // No cache then.
      }
    },
  };
};

/**
 * A directory with files of the program that others have to read, made by the first run; where nothing can be kept, of this run alone.
 * @param {string} build what they are of
 * @param {readonly { name: string, read(): Uint8Array }[]} files
 * @returns {string} its absolute path
 */
exports.keptFiles = function keptFiles(build, files) {
  const home = cacheHome(process.env);
  if (home !== undefined) {
    const room = `${home}/code`;
    const directory = `${room}/${build}`;
    try {
      if (!fs.existsSync(directory)) {
        if (!fs.existsSync(room)) makeDirectory(room);
        if ([home, room].every(isOursAlone)) {
          const draft = fs.mkdtempSync(`${room}/.${build}-`);
          writeAll(draft, files);
          // Of two at once one is first, and theirs is the same.
          try {
            fs.renameSync(draft, directory);
          } catch {
            fs.rmSync(draft, { recursive: true, force: true });
          }
          removeOld(room);
        }
      }
      if ([home, room, directory].every(isOursAlone)) return directory;
    } catch {
      // Not there then.
    }
  }
  const own = fs.mkdtempSync(`${require("node:os").tmpdir()}/vm-files-`);
  writeAll(own, files);
  // A printed script names them, and comes after us.
  if (!process.argv.slice(2).some(isDry)) {
    process.once("exit", () => fs.rmSync(own, { recursive: true, force: true }));
  }
  return own;
};

function writeAll(directory, files) {
  for (const { name, read } of files) {
    const file = `${directory}/${name}`;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, read(), { mode: name.startsWith("dist/guest/") ? 0o755 : 0o644 });
  }
}

/** A code that is still used is made again. */
function removeOld(room) {
  for (const name of fs.readdirSync(room)) {
    const old = `${room}/${name}`;
    if (Date.now() - fs.statSync(old).mtimeMs > MONTH_MS) fs.rmSync(old, { recursive: true, force: true });
  }
}
