// @ts-check
// npm run release: publishes every package whose version npm does not have yet. Where the repository is stands in one place,
// `config.repository` of the root's package.json; each published package.json gets it for the time of the publication, and is
// then as it was.
//   node tools/release.mjs [--root DIRECTORY] [-- COMMAND...]   COMMAND: in place of changeset publish, for example npm pack
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, exitStatus, isMain, say } from "./step.mjs";

const PUBLISH = ["npx", "--no-install", "changeset", "publish"];

/**
 * What a package.json says of where its package comes from.
 * @param {{ repository: string, directory: string }} place `repository`: an address on the web; `directory`: the package's in it
 */
export function addresses({ repository, directory }) {
  return {
    homepage: `${repository}#readme`,
    bugs: { url: `${repository}/issues` },
    repository: { type: "git", url: `git+${repository}.git`, directory },
  };
}

/**
 * The setting of the root's package.json.
 * @param {string} root
 * @throws when it is empty, or no address
 */
export function readRepository(root) {
  const file = join(root, "package.json");
  /** @type {{ config?: { repository?: unknown } }} */
  const { config } = JSON.parse(readFileSync(file, "utf8"));
  const repository = config?.repository;
  if (typeof repository !== "string" || repository === "") {
    throw new Error(
      `${file}: config.repository is empty. Set it to where the repository is: npm pkg set config.repository=https://...`,
    );
  }
  if (!/^https:\/\/[^\s/]+\/[^\s]*[^\s/]$/.test(repository) || repository.endsWith(".git")) {
    throw new Error(
      `${file}: config.repository: expected an address such as https://example.org/me/vm, got ${JSON.stringify(repository)}`,
    );
  }
  return repository;
}

/**
 * The package.json of every package that is published.
 * @param {string} root
 */
function publishedManifests(root) {
  return ["packages", "apps"].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => {
      const file = join(root, folder, name, "package.json");
      const text = readFileSync(file, "utf8");
      return JSON.parse(text).private === true
        ? []
        : [{ file, text, directory: relative(root, join(file, "..")) }];
    }),
  );
}

/** A handler keeps Node alive: a Ctrl-C ends the command, and the files are then put back. */
const outlivesTheCommand = () => undefined;

/**
 * Runs a command while each published package.json has its addresses.
 * @param {string} root
 * @param {readonly string[]} command
 * @returns {number} its exit status
 */
export function release(root, command) {
  const repository = readRepository(root);
  const manifests = publishedManifests(root);
  process.on("SIGINT", outlivesTheCommand);
  try {
    for (const { file, text, directory } of manifests) {
      const filled = { ...JSON.parse(text), ...addresses({ repository, directory }) };
      writeFileSync(file, `${JSON.stringify(filled, null, 2)}\n`);
    }
    return exitStatus(command, { cwd: root });
  } finally {
    for (const { file, text } of manifests) writeFileSync(file, text);
    process.off("SIGINT", outlivesTheCommand);
  }
}

if (isMain(import.meta.url)) {
  try {
    const { values, positionals } = parseArgs({
      options: { root: { type: "string", default: ROOT } },
      allowPositionals: true,
    });
    process.exitCode = release(values.root, positionals.length === 0 ? PUBLISH : positionals);
    if (process.exitCode === 0 && positionals.length === 0)
      say("git push --follow-tags publishes the tags as well");
  } catch (error) {
    process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
