// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archRepository, pacmanConfiguration } from "../../e2e/fixtures/arch-repository.mjs";
import {
  developmentConfiguration,
  developmentRepository,
} from "../../e2e/fixtures/development-repository.mjs";
import { kernelFixture } from "../../e2e/fixtures/kernel.mjs";
import { parseProgress } from "../../packages/arch-installer/dist/index.js";
import { ROOT, say } from "../step.mjs";
import { quietEnvironment } from "./pairs.mjs";

/** What every installation of Arch Linux has to wait for. */
const FLOOR = ["Install the packages", "Install the boot loader"];
const POLL_MS = 10;

/**
 * What is installed. The packages are Debian's with less in them than they have (e2e/fixtures/debian-archive.mjs).
 * @typedef {object} Kind
 * @property {string} name
 * @property {readonly string[]} options
 * @property {() => Promise<{ mirror: string, configuration: string }>} repository
 */

/** @type {readonly Kind[]} */
const KINDS = [
  {
    name: "the default packages",
    options: [],
    repository: async () => ({
      mirror: (await developmentRepository()).mirror,
      configuration: developmentConfiguration(),
    }),
  },
  {
    name: "the fewest packages",
    options: ["--no-xfstests", "--no-development"],
    repository: async () => ({
      mirror: (await archRepository()).mirror,
      configuration: pacmanConfiguration({ kernel: "kernel" }),
    }),
  },
];

/**
 * The sections of an installation in a guest, and all of them beside those of pacstrap and grub.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const { build } = await kernelFixture();
  /** @type {import("./pairs.mjs").Row[]} */
  const rows = [];
  for (const kind of KINDS) {
    const sections = await timeInstallation(kind, build);
    say(kind.name);
    for (const { title, ms } of sections) say(`${(ms / 1000).toFixed(2).padStart(6)} s  ${title}`);
    const floorMs = sum(sections.filter(({ title }) => FLOOR.includes(title)));
    const measuredMs = sum(sections);
    rows.push({
      name: `an installation of ${kind.name}`,
      measuredMs,
      floorName: "its pacstrap and grub",
      floorMs,
      ratio: measuredMs / floorMs,
      target: 1.1,
    });
  }
  return rows;
}

/**
 * @param {Kind} kind
 * @param {string} build
 */
async function timeInstallation({ options, repository }, build) {
  const { mirror, configuration } = await repository();
  const scratch = mkdtempSync(join(tmpdir(), "vm-bench-"));
  try {
    const pacman = join(scratch, "pacman.conf");
    const password = join(scratch, "password");
    writeFileSync(pacman, configuration);
    writeFileSync(password, "vm\n");
    const words = "--hostname bench --locales C.UTF-8 -c 1 -m 2G -s 4G --partition-table mbr --firmware both";
    const log = join(scratch, "log");
    return await timeSections(
      log,
      [
        ...`install Bench --bootstrap -k ${build} ${words}`.split(" "),
        ...options,
        "--pacman-conf",
        pacman,
        "--pacman-mirrors",
        mirror,
        "--root-password-file",
        password,
        "--log",
        log,
      ],
      quietEnvironment({ VM_ACCEL: "tcg", VM_HOME: join(scratch, "vm"), XDG_CONFIG_HOME: scratch }),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {readonly { readonly ms: number }[]} sections */
function sum(sections) {
  return sections.reduce((total, { ms }) => total + ms, 0);
}

/**
 * Runs `vm` and times the sections by what comes into the log.
 * @param {string} log
 * @param {readonly string[]} words
 * @param {NodeJS.ProcessEnv} env
 */
async function timeSections(log, words, env) {
  mkdirSync(String(env["VM_HOME"]));
  writeFileSync(log, "");
  const fd = openSync(log, "r");
  /** @type {{ title: string, startMs: number }[]} */
  const starts = [];
  const buffer = Buffer.alloc(65_536);
  let rest = "";
  const read = () => {
    const startMs = performance.now();
    for (let size = readSync(fd, buffer); size > 0; size = readSync(fd, buffer)) {
      const lines = (rest + buffer.toString("utf8", 0, size)).split("\n");
      rest = lines.pop() ?? "";
      for (const progress of lines.flatMap((line) => parseProgress(line) ?? [])) {
        starts.push({ title: progress.kind === "section" ? progress.title : progress.kind, startMs });
      }
    }
  };
  const poll = setInterval(read, POLL_MS);
  try {
    const child = spawn(process.execPath, [join(ROOT, "apps/cli/bin/vm.cjs"), ...words], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += chunk));
    await once(child, "close");
    if (child.exitCode !== 0) throw new Error(`vm install failed (${child.exitCode}): ${stderr}`);
    read();
  } finally {
    clearInterval(poll);
    closeSync(fd);
  }
  return starts
    .slice(0, -1)
    .map(({ title, startMs }, index) => ({ title, ms: (starts[index + 1]?.startMs ?? NaN) - startMs }));
}
