// @ts-check
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelFixture } from "../../e2e/fixtures/kernel.mjs";
import { startSlurmCluster } from "../../e2e/fixtures/slurm-cluster.mjs";
import { ROOT } from "../step.mjs";
import { compare, median, quietEnvironment } from "./pairs.mjs";

const VM = [process.execPath, join(ROOT, "apps/cli/bin/vm.cjs")];
const MANY = 1000;
const ROUNDS = 3;

/**
 * What it costs to run a matrix in parts.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const { build } = await kernelFixture();
  // Short: there are sockets in it.
  const directory = mkdtempSync(join(tmpdir(), "vm-b-"));
  const cluster = await startSlurmCluster(join(directory, "s"), 2);
  try {
    const env = quietEnvironment({
      ...cluster.env,
      VM_ACCEL: "tcg",
      VM_HOME: join(directory, "vm"),
      XDG_CONFIG_HOME: join(directory, "config"),
    });
    const place = { directory, build, env };
    const rows = [compareCluster(place), ...comparePlans(place)];
    await cluster.ask("scontrol", "update", "PartitionName=vm", "State=DOWN");
    return [...rows, ...compareSubmission(place)];
  } finally {
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * @typedef {object} Place
 * @property {string} directory
 * @property {string} build
 * @property {NodeJS.ProcessEnv} env
 */

/**
 * Six cells on two nodes, beside two at a time here; Slurm's own start of the first one aside.
 * @param {Place} place
 * @returns {import("./pairs.mjs").Row}
 */
function compareCluster({ directory, build, env }) {
  const commands = Array.from({ length: 6 }, (_, index) => ["--exec", `: ${index}; sleep 2`]).flat();
  const matrix = ["test", "-k", build, ...commands, "-j", "2"];
  /** @type {{ measuredMs: number, floorMs: number }[]} */
  const pairs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const plan = join(directory, `cluster-${round}`);
    const wholeMs = runMs([...VM, ...matrix, "--on", "slurm", "--plan", plan], { cwd: directory, env });
    const begins = readdirSync(join(plan, "results"))
      .filter((name) => name.endsWith(".begun"))
      .map((name) => statSync(join(plan, "results", name)).mtimeMs);
    // Of these times this one is Slurm's: from the submission until it has begun the first task.
    const startMs = Math.min(...begins) - statSync(join(plan, "slurm/submission.json")).mtimeMs;
    const floorMs = runMs([...VM, ...matrix], { cwd: directory, env });
    pairs.push({ measuredMs: wholeMs - startMs, floorMs });
  }
  return {
    name: "6 cells on 2 nodes of a Slurm, without its start of the first",
    measuredMs: median(pairs.map(({ measuredMs }) => measuredMs)),
    floorName: "vm test -j 2",
    floorMs: median(pairs.map(({ floorMs }) => floorMs)),
    ratio: median(pairs.map(({ measuredMs, floorMs }) => measuredMs / floorMs)),
    target: 1.2,
  };
}

/** @param {number} count */
function manyCommands(count) {
  return Array.from({ length: count }, (_, index) => ["--exec", `: ${index}`]).flat();
}

/**
 * A thousand cells are prepared once, and one of them starts as the same `vm run`.
 * @param {Place} place
 * @returns {import("./pairs.mjs").Row[]}
 */
function comparePlans({ directory, build, env }) {
  const plan = join(directory, "many");
  // Each into a directory of its own, with the same shell in front.
  const room = ["sh", "-c", 'room=$(mktemp -d "$0"); exec "$@" --plan "$room"', join(directory, "p.XXXXXX")];
  /** @param {number} count */
  const matrix = (count) => [...VM, "test", "-k", build, ...manyCommands(count)];
  const plans = compare({
    name: `vm test --plan: ${MANY} cells`,
    measured: () => ({ argv: [...room, ...matrix(MANY)], env }),
    floorName: "1 cell",
    floor: [{ argv: [...room, ...matrix(1)], env }],
    target: 1.5,
    rounds: ROUNDS,
  });
  runMs([...matrix(MANY), "--plan", plan], { env });
  const cell = compare({
    name: `one of ${MANY} cells, vm test --run --cell`,
    measured: () => ({ argv: [...VM, "test", "--run", plan, "--cell", String(MANY / 2)], env }),
    floorName: "vm run -k K --exec",
    floor: [{ argv: [...VM, "run", "-k", build, "--exec", ": 499"], env }],
    target: 1.05,
    rounds: 7,
  });
  return [plans, cell];
}

/**
 * A thousand cells are handed to Slurm, which begins none of them.
 * @param {Place} place
 * @returns {import("./pairs.mjs").Row[]}
 */
function compareSubmission({ directory, build, env }) {
  const peak = join(directory, "peak");
  const hook = join(directory, "peak.cjs");
  mkdirSync(peak);
  writeFileSync(
    hook,
    `process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(peak)} + "/" + process.pid, String(process.resourceUsage().maxRSS)));\n`,
  );
  const measured = { ...env, NODE_OPTIONS: `--require ${hook}` };
  const words = [...VM, "test", "-k", build, ...manyCommands(MANY), "--on", "slurm", "--detach", "--plan"];
  const times = Array.from({ length: ROUNDS }, (_, round) =>
    runMs([...words, join(directory, `submitted-${round}`)], { env: measured }),
  );
  const peaks = readdirSync(peak).map((name) => Number(readFileSync(join(peak, name), "utf8")) / 1024);
  const [ms, mib] = [median(times), Math.max(...peaks)];
  const name = `${MANY} cells submitted to Slurm`;
  return [
    { name, measuredMs: ms, floorName: "10 s", floorMs: 10_000, ratio: ms / 10_000, target: 1 },
    {
      name: `${name}, memory`,
      measuredMs: mib,
      floorName: "150 MB",
      floorMs: 150,
      ratio: mib / 150,
      target: 1,
      unit: "MB",
    },
  ];
}

/**
 * @param {readonly string[]} argv
 * @param {{ cwd?: string, env: NodeJS.ProcessEnv }} options
 * @returns {number}
 */
function runMs([program = "", ...args], options) {
  const start = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    ...options,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 3).join(" ")} failed (${status}): ${stderr}`);
  return performance.now() - start;
}
