// @ts-check
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelFixture } from "../../e2e/fixtures/kernel.mjs";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

const VM = [process.execPath, join(ROOT, "apps/cli/bin/vm.cjs")];

/** Ends when the shell of `vm run` has shown its prompt, on a terminal of its own, and takes the run with it. */
const UNTIL_PROMPT = `
const { spawn } = require("node:child_process");
const child = spawn("script", ["-qfec", process.argv[1], "/dev/null"], { stdio: ["pipe", "pipe", "inherit"], detached: true });
let text = "";
child.stdout.on("data", (chunk) => {
  text += chunk;
  if (!text.includes(process.argv[2])) return;
  process.kill(-child.pid, "SIGKILL");
  process.exit(0);
});
child.on("exit", () => { console.error(text); process.exit(1); });`;

/**
 * Guests that are kept and reached into.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const { build, release } = await kernelFixture();
  const directory = mkdtempSync(join(tmpdir(), "vm-bench-"));
  const runtime = join(directory, "runtime");
  mkdirSync(runtime, { mode: 0o700 });
  const env = quietEnvironment({
    VM_HOME: join(directory, "vm"),
    XDG_CONFIG_HOME: join(directory, "config"),
    XDG_RUNTIME_DIR: runtime,
    SHELL: "/bin/bash",
  });
  /** @param {readonly string[]} words */
  const vm = (...words) => ({ argv: [...VM, ...words], env });
  /** @param {readonly string[]} words */
  const runVm = (...words) => {
    const [program = "", ...args] = vm(...words).argv;
    return execFileSync(program, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  };
  try {
    return [
      ...compareKept(directory, { vm, runVm }),
      ...compareGuests({ build, release }, { vm, runVm, env }),
    ];
  } finally {
    runVm("stop", "--all", "--force");
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * @typedef {object} Tool
 * @property {(...words: string[]) => import("./pairs.mjs").Timed} vm
 * @property {(...words: string[]) => string} runVm
 */

/**
 * @param {string} directory
 * @param {Tool} tool
 */
function compareKept(directory, { vm, runVm }) {
  const node = { argv: [process.execPath, "-e", "0"] };
  const image = join(directory, "image.qcow2");
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", image, "16G"]);
  runVm("create", "-s", "16G", "one");
  runVm("create", "-s", "16G", "two");
  return [
    compare({
      name: "vm clone --linked",
      measured: (round) => vm("clone", "--linked", "one", `copy${round}`),
      floorName: "qemu-img create + node -e 0",
      floor: [node, { argv: ["qemu-img", "create", "-q", "-f", "qcow2", join(directory, "made"), "16G"] }],
      target: 1,
    }),
    compare({
      name: "vm snapshot create",
      measured: (round) => vm("snapshot", "create", "two", `tag${round}`),
      floorName: "qemu-img snapshot + node -e 0",
      floor: [node, { argv: ["qemu-img", "snapshot", "-q", "-c", "tag", image] }],
      target: 1,
    }),
  ];
}

/**
 * @param {{ build: string, release: string }} kernel
 * @param {Tool & { env: NodeJS.ProcessEnv }} tool
 */
function compareGuests({ build, release }, { vm, runVm, env }) {
  const start = compare({
    name: "vm start, up",
    measured: (round) => vm("start", "-k", build, "--name", `up${round}`),
    floorName: "vm run, to its prompt",
    floor: [
      {
        // The prompt begins with the release.
        argv: [
          process.execPath,
          "-e",
          UNTIL_PROMPT,
          [...VM, "run", "-k", build].map(quote).join(" "),
          `(${release}) `,
        ],
        env,
      },
    ],
    target: 1.05,
    rounds: 5,
  });
  runVm("stop", "--all", "--force");
  runVm("start", "-k", build, "--name", "reached");
  // Bash reads it for each command that ssh starts; a person's own may take longer than all the rest.
  runVm("exec", "reached", "sh", "-c", ": >/root/.bashrc");
  const socket = /ControlPath "(.*)"/.exec(runVm("ssh-config", "reached"))?.[1] ?? "";
  const exec = compare({
    name: "vm exec NAME true",
    measured: () => vm("exec", "reached", "true"),
    floorName: "ssh over an open master",
    floor: [{ argv: ["ssh", "-F", "none", "-S", socket, "vm", "true"], env }],
    target: 1.3,
  });
  return [start, exec];
}

/** @param {string} word */
function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
