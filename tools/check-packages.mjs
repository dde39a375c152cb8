// @ts-check
// npm run check:packages: whether the packages, as npm would publish them, are what their package.json says (publint), and
// whether TypeScript finds their types (Are the Types Wrong?). After npm run build. One process for all of them: either tool
// by itself starts npm and TypeScript anew for each package.
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { problemKindInfo } from "@arethetypeswrong/core/problems";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { ROOT, say } from "./step.mjs";

/** The packages are modules of ECMAScript: nobody gets them by require() or in the way of Node 10. */
const OTHER_RESOLUTIONS = ["node10", "node16-cjs"];

/**
 * @typedef {object} Packed
 * @property {string} name
 * @property {string} version
 * @property {Uint8Array<ArrayBuffer>} tarball as published
 */

/** @returns {Packed[]} all that are not private */
function pack() {
  const scratch = mkdtempSync(join(tmpdir(), "vm-packages-"));
  try {
    const workspaces = npm("query", ".workspace:not([private])");
    const names = workspaces.flatMap((/** @type {{ name: string }} */ { name }) => ["-w", name]);
    const packed = npm("pack", "--json", "--ignore-scripts", "--pack-destination", scratch, ...names);
    return packed.map((/** @type {{ name: string, version: string, filename: string }} */ each) => {
      const { name, version, filename } = each;
      return { name, version, tarball: new Uint8Array(readFileSync(join(scratch, filename))) };
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {readonly string[]} words
 * @returns {any} what it prints
 */
function npm(...words) {
  return JSON.parse(execFileSync("npm", words, { cwd: ROOT, encoding: "utf8", maxBuffer: 1024 ** 3 }));
}

/**
 * @param {Packed["tarball"]} tarball
 * @returns {Promise<string[]>} what is wrong, a line each
 */
async function problemsOf(tarball) {
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: tarball.buffer } });
  const lines = messages
    .filter(({ type }) => type !== "suggestion")
    .map((message) => formatMessage(message, pkg) ?? message.code);
  // A program alone has no types.
  if (pkg["exports"]?.["."] === undefined) return lines;
  const analysis = await checkPackage(createPackageFromTarballData(tarball), {
    excludeEntrypoints: [/\.json$/],
  });
  if (analysis.types === false) return [...lines, "there are no types"];
  for (const problem of analysis.problems) {
    if ("resolutionKind" in problem && OTHER_RESOLUTIONS.includes(problem.resolutionKind)) continue;
    const { shortDescription, docsUrl } = problemKindInfo[problem.kind];
    lines.push(`${shortDescription}: ${JSON.stringify(problem)} (${docsUrl})`);
  }
  return lines;
}

let wrong = 0;
for (const packed of pack()) {
  const problems = await problemsOf(packed.tarball);
  say(`${packed.name} ${packed.version}: ${problems.length === 0 ? "as it should be" : "wrong"}`);
  for (const problem of problems) process.stdout.write(`    ${problem}\n`);
  wrong += problems.length;
}
process.exitCode = wrong === 0 ? 0 : 1;
