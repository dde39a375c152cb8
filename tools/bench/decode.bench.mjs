// @ts-check
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelFixture } from "../../e2e/fixtures/kernel.mjs";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

const VM = join(ROOT, "apps/cli/bin/vm.cjs");
const FRAMES = 30;
const FURTHER = 20;

/**
 * What the stacks of a kernel's reports cost, with the fixture's vmlinux: the first one with the start of `vm` and of addr2line, and each
 * further one. Their floors are times that sleep(1) takes.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const { build } = await kernelFixture();
  const scratch = mkdtempSync(join(tmpdir(), "vm-bench-"));
  try {
    const [one, many] = [join(scratch, "one.log"), join(scratch, "many.log")];
    writeFileSync(one, traces(join(build, "vmlinux"), 1));
    writeFileSync(many, traces(join(build, "vmlinux"), 1 + FURTHER));
    const env = quietEnvironment({ XDG_CONFIG_HOME: join(scratch, "config") });
    const decode = (/** @type {string} */ log) => ({
      argv: [process.execPath, VM, "decode", log, "-k", build],
      env,
    });
    return [
      compare({
        name: `vm decode: a trace of ${FRAMES} frames`,
        measured: () => decode(one),
        floorName: "1 s",
        floor: [{ argv: ["sleep", "1"] }],
        target: 1,
        rounds: 5,
      }),
      compare({
        name: `vm decode: ${FURTHER} further traces`,
        measured: () => decode(many),
        less: decode(one),
        floorName: `50 ms for each`,
        floor: [{ argv: ["sleep", String((FURTHER * 50) / 1000)] }],
        target: 1,
        rounds: 5,
      }),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Reports with frames of that kernel, each with functions of its own.
 * @param {string} vmlinux @param {number} count
 */
function traces(vmlinux, count) {
  const { stdout } = spawnSync("nm", ["-S", "--size-sort", vmlinux], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const functions = [...stdout.matchAll(/^\S+ 0*([0-9a-f]+) [tT] (\w+)$/gm)].slice(-FRAMES * count);
  if (functions.length < FRAMES * count) throw new Error(`${vmlinux} has only ${functions.length} functions`);
  const frames = functions.map(([, size, name]) => ` ${name}+0x10/0x${size}`);
  return Array.from({ length: count }, (_, index) =>
    [
      "BUG: kernel NULL pointer dereference, address: 0000000000000008",
      "Oops: 0000 [#1] SMP",
      "Call Trace:",
      ...frames.slice(index * FRAMES, (index + 1) * FRAMES),
      "---[ end trace 0000000000000000 ]---",
      "",
    ].join("\n"),
  ).join("\n");
}
