// node tools/import-circles.mjs [ROOT]: whether imports run downwards only, so with no circle of files, within a package or across
// packages, types included. The linter's import/no-cycle does not see across packages.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** `import ... from "x"`, `export ... from "x"`, `import "x"`, `import("x")`: also over several lines. */
const IMPORT = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

/**
 * The circles among the sources of packages, each as the files that import one another, in their order; the last imports the first.
 *
 * @param {string} root its directories `packages/*` and `apps/*` are the packages, each with its `package.json` and `src`
 * @returns {string[][]} paths relative to `root`
 */
function importCircles(root) {
  const packages = packageSources(root);
  const files = [...packages.values()].flatMap((source) => sourceFiles(source));
  const graph = new Map(files.map((file) => [file, importsOf(file, packages)]));
  return circlesIn(graph).map((circle) => circle.map((file) => relative(root, file)));
}

/** From a package's name to its directory of sources. */
function packageSources(root) {
  const directories = ["packages", "apps"]
    .map((name) => join(root, name))
    .filter((directory) => existsSync(directory))
    .flatMap((directory) => readdirSync(directory).map((name) => join(directory, name)))
    .filter((directory) => existsSync(join(directory, "package.json")));
  return new Map(
    directories.map((directory) => [
      JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).name,
      join(directory, "src"),
    ]),
  );
}

function sourceFiles(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, String(name)))
    .filter((file) => /\.(?:ts|mts|js|mjs)$/.test(file) && statSync(file).isFile());
}

function importsOf(file, packages) {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(IMPORT)].flatMap(([, name]) => {
    if (name.startsWith(".")) return sourceOf(resolve(dirname(file), name));
    const source = packages.get(name);
    return source === undefined ? [] : sourceOf(join(source, "index.js"));
  });
}

/** `./x.js` is written where there is an x.ts. */
function sourceOf(path) {
  const stem = path.replace(/\.(?:c|m)?js$/, "");
  return [path, `${stem}.ts`, `${stem}.mts`].filter((file) => existsSync(file)).slice(0, 1);
}

/** One circle for each group of files that reach one another: the shortest through one of them. */
function circlesIn(graph) {
  const circles = [];
  const seen = new Set();
  for (const file of graph.keys()) {
    if (seen.has(file)) continue;
    const circle = shortestCircle(graph, file);
    if (circle === undefined) continue;
    for (const member of circle) seen.add(member);
    circles.push(circle);
  }
  return circles;
}

function shortestCircle(graph, start) {
  const before = new Map();
  const queue = [start];
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        const circle = [file];
        while (circle[0] !== start) circle.unshift(before.get(circle[0]));
        return circle;
      }
      if (before.has(next)) continue;
      before.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}

const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
const circles = importCircles(root);
for (const circle of circles) console.error(`import circle: ${[...circle, circle[0]].join(" -> ")}`);
process.exitCode = circles.length > 0 ? 1 : 0;
