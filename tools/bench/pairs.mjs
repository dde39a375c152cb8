// @ts-check
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * A program to be timed from start to end.
 * @typedef {object} Timed
 * @property {readonly string[]} argv
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] in place of this process's environment
 * @property {string} [startedFile] a program that it starts writes the time into this file (`date +%s.%N`): timed up to then
 *
 * @typedef {object} Row one line of the table
 * @property {string} name
 * @property {"MB" | "ms"} [unit] of the two numbers, which are times where nothing is said
 * @property {number} measuredMs median
 * @property {string} floorName
 * @property {number} floorMs median
 * @property {number} ratio median of the ratios of the pairs
 * @property {number} target the ratio should be at most this
 */

/**
 * Times a program and the floor that it is compared with, in turns, so that a busy moment of the machine meets both.
 * @param {object} comparison
 * @param {string} comparison.name
 * @param {(round: number) => Timed} comparison.measured
 * @param {string} comparison.floorName
 * @param {readonly Timed[]} comparison.floor their times are added up
 * @param {Timed} [comparison.less] its time is taken off the measured one
 * @param {number} comparison.target
 * @param {number} [comparison.rounds]
 * @returns {Row}
 */
export function compare({ name, measured, floorName, floor, less, target, rounds = 31 }) {
  /** @type {{ measuredMs: number, floorMs: number }[]} */
  const pairs = [];
  // The first round fills the page cache, and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const time = () => timeMs(measured(round)) - (less === undefined ? 0 : timeMs(less));
    const timeFloor = () => floor.reduce((sum, program) => sum + timeMs(program), 0);
    const before = round % 2 === 0 ? time() : undefined;
    const floorMs = timeFloor();
    const measuredMs = before ?? time();
    if (round > 0) pairs.push({ measuredMs, floorMs });
  }
  return {
    name,
    measuredMs: median(pairs.map((pair) => pair.measuredMs)),
    floorName,
    floorMs: median(pairs.map((pair) => pair.floorMs)),
    ratio: median(pairs.map((pair) => pair.measuredMs / pair.floorMs)),
    target,
  };
}

/**
 * @param {readonly number[]} values at least one
 * @returns {number}
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [upper = NaN, lower = upper] = [
    sorted[middle],
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
  ];
  return (upper + lower) / 2;
}

/**
 * The environment for what is timed: every start of Node pays for an extra certificate file.
 * @param {Record<string, string>} [additions]
 */
export function quietEnvironment(additions = {}) {
  const { NODE_EXTRA_CA_CERTS: _dropped, ...env } = process.env;
  return { ...env, ...additions };
}

/** @param {Timed} program */
function timeMs({ argv: [program = "", ...args], cwd, env = quietEnvironment(), startedFile }) {
  const start = performance.timeOrigin + performance.now();
  const { status, stderr } = spawnSync(program, args, {
    cwd,
    env,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  const end = performance.timeOrigin + performance.now();
  if (status !== 0) throw new Error(`${[program, ...args].join(" ")} failed (${status}): ${stderr}`);
  return (startedFile === undefined ? end : Number(readFileSync(startedFile, "utf8")) * 1000) - start;
}
