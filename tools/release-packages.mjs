// @ts-check
// npm run release:packages: makes the packages of this commit, without root, and the same bytes each time.
//   npm run release:packages [-- --output DIRECTORY] [--only NAME,...]   NAME: npm, deb, arch, rpm, nix, one-file
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  archPackage,
  debWithOwnNode,
  debWithSystemNode,
  flake,
  npmTarball,
  pkgbuild,
  rpm,
} from "./packages/formats.mjs";
import { renderOneFile } from "./packages/one-file.mjs";
import { readOrigin } from "./packages/program.mjs";
import { ROOT, isMain, say } from "./step.mjs";

/** @typedef {import("./packages/formats.mjs").Made} Made */

const NAMES = ["npm", "deb", "arch", "rpm", "nix", "one-file"];

/**
 * @param {ReadonlySet<string>} wanted of NAMES
 * @param {(name: string) => string} scratch an empty directory
 * @returns {AsyncGenerator<Made & { mode?: number }>}
 */
async function* makePackages(wanted, scratch) {
  const origin = readOrigin();
  const tarball = await npmTarball(origin);
  // What builds a package of the tarball wants it beside itself.
  if (["npm", "arch", "nix"].some((name) => wanted.has(name))) yield tarball;
  if (wanted.has("deb")) {
    yield await debWithSystemNode(origin);
    const kind = "Debian package";
    yield await debWithOwnNode(origin, await renderOneFile(origin, kind, scratch("own-node")));
  }
  if (wanted.has("arch")) {
    const build = pkgbuild(origin, tarball);
    yield build;
    yield await archPackage(origin, build);
  }
  if (wanted.has("rpm")) yield rpm(origin, scratch("rpm"));
  if (wanted.has("nix")) yield flake(origin, tarball);
  if (wanted.has("one-file")) {
    const content = await renderOneFile(origin, "one file", scratch("one-file"));
    yield { name: "vm-x86_64", content, mode: 0o755 };
  }
}

/**
 * @param {{ output: string, only: string }} options
 */
async function release({ output, only }) {
  const wanted = new Set(only.split(","));
  for (const name of wanted) {
    if (!NAMES.includes(name)) throw new Error(`--only: expected some of ${NAMES.join(", ")}, got ${name}`);
  }
  const directory = resolve(output);
  mkdirSync(directory, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), "vm-packages-"));
  /** @param {string} name */
  const place = (name) => {
    mkdirSync(join(scratch, name));
    return join(scratch, name);
  };
  const sums = [];
  try {
    for await (const { name, content, mode = 0o644 } of makePackages(wanted, place)) {
      const path = join(directory, name);
      rmSync(path, { force: true });
      writeFileSync(path, content, { mode });
      sums.push(`${createHash("sha256").update(content).digest("hex")}  ${name}\n`);
      say(`${path} (${Math.ceil(content.length / 1024)} KiB)`);
    }
    writeFileSync(join(directory, "SHA256SUMS"), sums.join(""));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  try {
    const { values } = parseArgs({
      options: {
        output: { type: "string", default: join(ROOT, "dist/packages") },
        only: { type: "string", default: NAMES.join(",") },
      },
    });
    await release(values);
  } catch (error) {
    process.stderr.write(`release:packages: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
