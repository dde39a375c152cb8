// @ts-check
// The program as every package carries it: what `npm run build` made, and who it is.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../step.mjs";

/**
 * Of what, and when, the packages are made.
 * @typedef {object} Origin
 * @property {string} version
 * @property {string} commit 12 digits; with `+changes` where the checkout is not what was committed
 * @property {number} epochSeconds the commit's time, or SOURCE_DATE_EPOCH: the time of everything in the packages
 *
 * A file of a package, as `@vm/modules-mounter/system-package` takes it.
 * @typedef {import("@vm/modules-mounter/system-package").ArchiveEntry} Entry
 */

/** `vm` is the name of another program in Debian. */
export const NAME = "vm-cli";
export const DESCRIPTION = "Boots the kernel just built in a QEMU guest, straight from its build tree";
/** The number of the packaging, after the version. */
export const RELEASE = "1";

/** The least Node that the program takes, as its package.json says. */
export const LEAST_NODE = manifest().engines.node.replace(">=", "");

/**
 * What `vm` calls on the host, by what each distribution calls it; README's table has the same.
 * @type {Readonly<Record<"debian" | "fedora" | "arch" | "nix", string>>}
 */
const HOST_PROGRAMS = {
  debian: "qemu-system-x86 qemu-utils virtiofsd kmod libarchive-tools busybox-static xz-utils zstd",
  fedora: "qemu-system-x86-core qemu-img virtiofsd kmod bsdtar busybox xz zstd",
  arch: "qemu-base virtiofsd kmod libarchive busybox xz zstd",
  nix: "qemu virtiofsd kmod libarchive xz zstd util-linux",
};

/** @param {keyof typeof HOST_PROGRAMS} distribution */
export function hostPrograms(distribution) {
  return HOST_PROGRAMS[distribution].split(" ");
}

/** @returns {{ version: string, license: string, engines: { node: string } } & Record<string, unknown>} */
function manifest() {
  return JSON.parse(readFileSync(join(ROOT, "apps/cli/package.json"), "utf8"));
}

/** @returns {Origin} */
export function readOrigin() {
  const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
  const given = process.env.SOURCE_DATE_EPOCH ?? "";
  if (!/^\d*$/.test(given)) {
    throw new Error(`SOURCE_DATE_EPOCH: expected seconds since 1970, got ${JSON.stringify(given)}`);
  }
  return {
    version: manifest().version,
    commit: `${git("rev-parse", "--short=12", "HEAD")}${changed ? "+changes" : ""}`,
    epochSeconds: Number(given || git("log", "-1", "--format=%ct")),
  };
}

/** @param {readonly string[]} words */
function git(...words) {
  return execFileSync("git", ["-C", ROOT, ...words], { encoding: "utf8" }).trim();
}

/**
 * The program's files, sorted, with paths relative to its directory. What V8 compiled is not among them: it is for one Node only.
 * @param {Origin} origin
 * @param {string} kind what `vm --version` says of the packaging
 * @returns {(Entry & { content: Uint8Array })[]}
 */
export function programFiles({ version, commit }, kind) {
  const { license, description, engines } = manifest();
  const own = {
    name: "@vm/cli",
    version,
    description,
    license,
    bin: { vm: "bin/vm.cjs" },
    engines,
    packaging: { kind, commit },
  };
  const files = [
    "LICENSE",
    "README.md",
    ...["bin", "dist/bin", "dist/completion", "dist/configs", "dist/docs", "dist/guest"].flatMap(filesIn),
    ...["import-file", "kept-code", "load-bin"].map((name) => `dist/${name}.cjs`),
    "dist/third-party-licenses.txt",
  ].map((path) => ({
    path,
    mode: isProgram(path) ? 0o755 : 0o644,
    content: readFileSync(join(ROOT, "apps/cli", path)),
  }));
  const described = { path: "package.json", mode: 0o644, content: json(own) };
  return [...files, described].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** @param {unknown} value */
function json(value) {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** @param {string} directory */
function filesIn(directory) {
  const path = join(ROOT, "apps/cli", directory);
  if (!existsSync(path)) throw new Error(`${path} is not there: npm run build makes it`);
  return readdirSync(path).map((name) => `${directory}/${name}`);
}

/** Modes of a checkout depend on somebody's umask. @param {string} path */
function isProgram(path) {
  return /^bin\/[^/]*\.cjs$|^dist\/guest\/vm-modules-(?:mount|mounter|mounter-install\.sh)$/.test(path);
}

/**
 * The same files as a distribution has them: below usr/lib, with `vm` in usr/bin, and its own Node whichever is first in PATH.
 * @param {Origin} origin
 * @param {string} kind
 * @param {string} licensePath
 * @returns {Entry[]}
 */
export function installedFiles(origin, kind, licensePath) {
  const program = programFiles(origin, kind);
  return [
    ...program.map(({ path, mode, content }) => ({
      path: `usr/lib/${NAME}/${path}`,
      mode,
      content: path.startsWith("bin/") ? withSystemNode(content) : content,
    })),
    { path: "usr/bin/vm", mode: 0o777, link: `../lib/${NAME}/bin/vm.cjs` },
    ...sharedFiles(),
    { path: licensePath, mode: 0o644, content: readFileSync(join(ROOT, "LICENSE")) },
  ];
}

/** Where shells look for completion, by the script's name here. */
const COMPLETIONS = {
  "vm.bash": "usr/share/bash-completion/completions/vm",
  "vm.zsh": "usr/share/zsh/site-functions/_vm",
  "vm.fish": "usr/share/fish/vendor_completions.d/vm.fish",
};

/**
 * Manual pages and completion, where man and shells look for them.
 * @returns {Entry[]}
 */
export function sharedFiles() {
  const dist = join(ROOT, "apps/cli/dist");
  const pages = filesIn("dist/man").flatMap(filesIn);
  return [
    ...pages.map((page) => ({
      path: page.replace(/^dist/, "usr/share"),
      from: join(ROOT, "apps/cli", page),
    })),
    ...Object.entries(COMPLETIONS).map(([name, path]) => ({ path, from: join(dist, "completion", name) })),
  ].map(({ path, from }) => ({ path, mode: 0o644, content: readFileSync(from) }));
}

/** @param {Uint8Array} content */
function withSystemNode(content) {
  const text = Buffer.from(content).toString("utf8");
  return Buffer.from(text.replace(/^#!\/usr\/bin\/env node\n/, "#!/usr/bin/node\n"));
}
