// @ts-check
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

const MEGABYTES = 250;
const SPEED_MB_S = 50;
const MEMORY_MB = 80;

/** A console that comes by a pipe, as QEMU's does, looked at and kept as for `vm run --exec`. */
const WATCHER = `
import { connectConsole } from "./src/session/connected-console.js";
import { pipeSocket, withoutReadAhead } from "./src/pipe/batched-reading.js";
let found = 0;
const socket = withoutReadAhead(() => pipeSocket(0));
connectConsole({ channels: new Map([["console", socket]]) }, {
  root: "9p",
  target: undefined,
  now: () => performance.now(),
  dispatch: ({ kind }) => { if (kind === "console-found") found += 1; },
});
socket.once("close", () => {
  console.log(JSON.stringify({ found, megabytes: process.resourceUsage().maxRSS / 1000 }));
});`;

/**
 * What looks at a guest's console keeps up with it, and needs little memory for it.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const scratch = mkdtempSync(join(tmpdir(), "vm-bench-"));
  try {
    const watcher = join(scratch, "watcher.cjs");
    await build({
      stdin: { contents: WATCHER, resolveDir: join(ROOT, "packages/guest-run"), loader: "ts" },
      bundle: true,
      platform: "node",
      format: "cjs",
      conditions: ["@vm/source"],
      outfile: watcher,
    });
    const megabyte = join(scratch, "console");
    writeFileSync(megabyte, `${lines(1_000_000)}\nWARNING: lib/foo.c:1 at foo+0x1/0x2, CPU#0: a/1\n`);
    const feed = `for i in $(seq ${MEGABYTES}); do cat ${megabyte}; done | ${process.execPath} ${watcher}`;
    const argv = ["sh", "-c", feed];
    const speed = compare({
      name: `the console's watcher: ${MEGABYTES} MB with a warning in each`,
      measured: () => ({ argv }),
      floorName: `${SPEED_MB_S} MB/s`,
      floor: [{ argv: ["sleep", String(MEGABYTES / SPEED_MB_S)] }],
      target: 1,
      rounds: 3,
    });
    const { stdout } = spawnSync("sh", ["-c", feed], { encoding: "utf8", env: quietEnvironment() });
    /** @type {{ found: number, megabytes: number }} */
    const { found, megabytes } = JSON.parse(stdout);
    if (found !== MEGABYTES) throw new Error(`the watcher found ${found} of ${MEGABYTES} warnings`);
    const memory = {
      name: "its memory, in MB for ms",
      measuredMs: megabytes,
      floorName: `${MEMORY_MB} MB`,
      floorMs: MEMORY_MB,
      ratio: megabytes / MEMORY_MB,
      target: 1,
    };
    return [speed, memory];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** So many bytes of lines that nobody looks for. @param {number} bytes */
function lines(bytes) {
  const all = [];
  for (let length = 0, count = 0; length < bytes; count += 1) {
    const line = `[${String(count).padStart(5)}.000000] systemd[1]: Started unit number ${count} of a guest that says much`;
    all.push(line);
    length += line.length + 1;
  }
  return all.join("\n");
}
