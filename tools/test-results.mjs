// @ts-check
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./step.mjs";

/**
 * @typedef {object} Results
 * @property {number} passed
 * @property {{ name: string, message: string }[]} failures
 */

/**
 * The workspaces that have a script of this name, and the file in which vitest's JSON reporter leaves its results.
 * @param {string} script
 */
export function testedWorkspaces(script) {
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const directories = workspaces.flatMap((pattern) =>
    pattern.endsWith("/*")
      ? readdirSync(join(ROOT, pattern.slice(0, -2))).map((name) => join(ROOT, pattern.slice(0, -2), name))
      : [join(ROOT, pattern)],
  );
  return directories.flatMap((directory) => {
    const file = join(directory, "package.json");
    if (!existsSync(file)) return [];
    /** @type {{ name: string, scripts?: Record<string, string> }} */
    const { name, scripts } = JSON.parse(readFileSync(file, "utf8"));
    return scripts?.[script] === undefined ? [] : [{ name, results: join(directory, "test-results.json") }];
  });
}

/**
 * Counts: a skipped test is a failure, as is a test file that could not be loaded, and a run that left no results.
 * @param {string} workspace
 * @param {string} file
 * @returns {Results}
 */
export function readResults(workspace, file) {
  if (!existsSync(file)) {
    return { passed: 0, failures: [{ name: workspace, message: "the tests did not run to their end" }] };
  }
  /**
   * @type {{
   *   success: boolean,
   *   testResults: { name: string, status: string, message: string,
   *     assertionResults: { status: string, fullName: string, failureMessages?: string[] | null }[] }[],
   * }}
   */
  const { success, testResults } = JSON.parse(readFileSync(file, "utf8"));
  /** @type {Results} */
  const results = { passed: 0, failures: [] };
  for (const { name, status, message, assertionResults } of testResults) {
    const where = `${workspace} ${name.replace(`${ROOT}/`, "")}`;
    let failed = 0;
    for (const test of assertionResults) {
      if (test.status === "passed") {
        results.passed += 1;
        continue;
      }
      failed += 1;
      const text = test.failureMessages?.join("\n") || `not run: ${test.status}`;
      // This is how vitest's JSON reporter writes that a time limit was reached.
      const reason = text.replace("Error: STACK_TRACE_ERROR", "no result within the time limit");
      results.failures.push({ name: `${where} > ${test.fullName}`, message: reason });
    }
    if (status === "failed" && failed === 0) results.failures.push({ name: where, message });
  }
  if (results.passed + results.failures.length === 0) {
    results.failures.push({ name: workspace, message: "there is not a single test" });
  } else if (!success && results.failures.length === 0) {
    results.failures.push({ name: workspace, message: "an error outside of any test: see the output above" });
  }
  return results;
}
