// @ts-check
// npm test: set-up, the unit tests of every package, then the tests with real guests. The last line is the sum.
//   npm test [-- --unit]   --unit: without those with real guests
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { setUp } from "./setup.mjs";
import { TURBO, exitStatus, say } from "./step.mjs";
import { readResults, testedWorkspaces } from "./test-results.mjs";

// Two cores bear two packages at once. A result out of turbo's cache would not say that this machine passes: --force.
const UNIT = [TURBO, "run", "test", "--continue=always", "--concurrency=2", "--force"];
// Guests are made with the caller's own environment: proxies, mirrors, certificates.
const E2E = [TURBO, "run", "e2e", "--env-mode=loose"];

/** @type {import("./test-results.mjs").Results} */
const total = { passed: 0, failures: [] };

/**
 * @param {"test" | "e2e"} script
 * @param {readonly string[]} argv
 */
function runTests(script, argv) {
  const workspaces = testedWorkspaces(script);
  for (const { results } of workspaces) rmSync(results, { force: true });
  const status = exitStatus(argv);
  const before = total.failures.length;
  for (const { name, results } of workspaces) {
    const { passed, failures } = readResults(name, results);
    say(`${name}: ${passed} passed, ${failures.length} failed`);
    total.passed += passed;
    total.failures.push(...failures);
  }
  if (status !== 0 && total.failures.length === before) {
    total.failures.push({ name: argv.join(" "), message: `ended with status ${status}` });
  }
}

try {
  const { values } = parseArgs({ options: { unit: { type: "boolean", default: false } } });
  await setUp({ goal: "tests", consent: "given" });
  say(`unit tests on Node ${process.version}`);
  runTests("test", UNIT);
  if (!values.unit) {
    say("tests with real guests");
    runTests("e2e", E2E);
  }
} catch (error) {
  total.failures.push({ name: "npm test", message: error instanceof Error ? error.message : String(error) });
}
for (const { name, message } of total.failures) process.stdout.write(`\nFAILED ${name}\n${message}\n`);
process.exitCode = total.failures.length === 0 && total.passed > 0 ? 0 : 1;
process.stdout.write(`\n${total.passed} passed, ${total.failures.length} failed\n`);
