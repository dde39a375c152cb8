// @ts-check
import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The top directory of the clone, with no slash at the end. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** turbo itself: npx would cost a third of a second. */
export const TURBO = `${ROOT}/node_modules/.bin/turbo`;

// turbo sends no statistics home.
const ENVIRONMENT = { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };

/**
 * What happens now, for the person who waits.
 * @param {string} text
 */
export function say(text) {
  process.stdout.write(`==> ${text}\n`);
}

/**
 * Runs a program in the clone's top directory and waits for it.
 * @param {readonly string[]} argv
 * @param {{ output?: "shown" | "on failure" }} [options]
 * @throws when it cannot be started or fails
 */
export function run(argv, { output = "shown" } = {}) {
  const status = exitStatus(argv, { output });
  if (status !== 0) throw new Error(`${argv.join(" ")} failed (${status})`);
}

/**
 * Like `run`, but the exit status (127 when the program is not there, 128 or more for a death by signal) is the answer.
 * @param {readonly string[]} argv
 * @param {{ output?: "shown" | "on failure", cwd?: string }} [options] `cwd`: in place of the clone's top directory
 */
export function exitStatus([program = "", ...args], { output = "shown", cwd = ROOT } = {}) {
  const quiet = output === "on failure";
  const result = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
    maxBuffer: 1024 ** 3,
  });
  const status = result.status ?? (result.signal === null ? 127 : 128);
  if (quiet && status !== 0) {
    process.stdout.write(result.stdout ?? "");
    process.stderr.write(result.stderr ?? "");
  }
  return status;
}

/**
 * Whether this module is the program that was started, and not imported.
 * @param {string} url `import.meta.url`
 */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}
