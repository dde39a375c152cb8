// @ts-check
// Makes this machine and this clone ready: Debian packages, npm packages, the build.
//   node tools/setup.mjs [--for demo|tests] [--yes]
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { missingPackages } from "./debian-packages.mjs";
import { ROOT, TURBO, isMain, run, say } from "./step.mjs";

/**
 * @typedef {"demo" | "tests"} Goal
 * @type {Record<Goal, import("./debian-packages.mjs").Purpose[]>}
 */
const PURPOSES = { demo: ["guest", "packaged"], tests: ["kernel", "guest", "packaged", "disk", "tests"] };

/**
 * Does what is missing and nothing else; when all is there it takes less than a second.
 * @param {{ goal: Goal, consent: "given" | "ask" }} options `ask`: on a terminal, ask before packages are installed
 * @throws when something could not be installed or built
 */
export async function setUp({ goal, consent }) {
  await installDebianPackages(PURPOSES[goal], consent);
  if (!nodeModulesAreCurrent()) {
    say("installing npm packages (npm ci)");
    run(["npm", "ci"]);
  }
  run([TURBO, "run", "build", "--output-logs=errors-only"], {
    output: "on failure",
  });
}

/**
 * @param {readonly import("./debian-packages.mjs").Purpose[]} purposes
 * @param {"given" | "ask"} consent
 */
async function installDebianPackages(purposes, consent) {
  const missing = missingPackages(purposes);
  if (missing.length === 0) {
    updatePackageLists();
    return;
  }
  say("these Debian packages are missing:");
  for (const { name, why } of missing) process.stdout.write(`  ${name.padEnd(24)} ${why}\n`);
  const names = missing.map(({ name }) => name);
  if (!existsSync("/usr/bin/apt-get")) {
    throw new Error(`this is not Debian (no apt-get): install these by hand: ${names.join(" ")}`);
  }
  if (consent === "ask" && process.stdin.isTTY && !(await agreed())) {
    throw new Error(`not installed; by hand: apt-get install ${names.join(" ")}`);
  }
  run([...aptGet(), "update"]);
  run([...aptGet(), "install", "--yes", "--no-install-recommends", ...names]);
  const still = missingPackages(purposes).map(
    ({ name, proof }) => `${name} (${[proof].flat().join(" or ")})`,
  );
  if (still.length > 0) throw new Error(`installed, but still not found: ${still.join(", ")}`);
}

function aptGet() {
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo"];
  return [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"];
}

/** Kernels are downloaded as packages: apt-get has to know of them, which it does not on a machine that was never updated. */
function updatePackageLists() {
  if (!existsSync("/usr/bin/apt-get")) return;
  const { status } = spawnSync("apt-cache", ["show", "linux-image-amd64"], { stdio: "ignore" });
  if (status !== 0) run([...aptGet(), "update"]);
}

async function agreed() {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question("Install them with apt-get? [Y/n] ");
  lines.close();
  return /^(y|yes|)$/i.test(answer.trim());
}

/** Whether node_modules holds what package-lock.json names: modification times say little after a git checkout. */
function nodeModulesAreCurrent() {
  const installed = `${ROOT}/node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const have = lockedPackages(installed);
  return Object.entries(lockedPackages(`${ROOT}/package-lock.json`)).every(
    ([path, { version, optional, link }]) =>
      !path.includes("node_modules/") || optional || link || have[path]?.version === version,
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, link?: boolean }>}
 */
function lockedPackages(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({
    options: { for: { type: "string", default: "tests" }, yes: { type: "boolean", default: false } },
  });
  try {
    const goal = values.for;
    if (goal !== "demo" && goal !== "tests") throw new Error(`--for: expected demo or tests, got ${goal}`);
    await setUp({ goal, consent: values.yes ? "given" : "ask" });
    say(`ready for ${goal}`);
  } catch (error) {
    say(`failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
