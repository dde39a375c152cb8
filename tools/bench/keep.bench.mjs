// @ts-check
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

const COUNT = 10_000;

/** What `vm list` has to look at, and nothing else: each configuration, each lock's file, the head of each image. */
const READ_ALL = `
const fs = require("node:fs");
const home = process.argv[1];
const head = Buffer.alloc(2048);
let bytes = 0;
for (const name of fs.readdirSync(home)) {
  bytes += fs.readFileSync(home + "/" + name + "/vm.mjs", "utf8").length;
  bytes += fs.readFileSync(home + "/" + name + "/.lock", "utf8").length;
  const image = fs.openSync(home + "/" + name + "/root.qcow2");
  bytes += fs.fstatSync(image).blocks + fs.readSync(image, head, 0, head.length, 0);
  fs.closeSync(image);
}
console.log(bytes);`;

/**
 * VMs that are kept.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const directory = mkdtempSync(join(tmpdir(), "vm-bench-"));
  try {
    const home = join(directory, "home");
    const env = quietEnvironment({ VM_HOME: home, XDG_CONFIG_HOME: directory });
    const vm = [process.execPath, join(ROOT, "apps/cli/bin/vm.cjs")];
    const one = join(directory, "one");
    execFileSync(vm[0] ?? "", [...vm.slice(1), "create", "One"], {
      env: { ...env, VM_HOME: one },
      stdio: "ignore",
    });
    makeHome(home, join(one, "One"));
    return [
      compare({
        name: `vm list of ${COUNT} VMs`,
        measured: () => ({ argv: [...vm, "list"], env }),
        floorName: "their files read by Node",
        floor: [{ argv: [process.execPath, "-e", READ_ALL, home], env }],
        target: 2,
        rounds: 9,
      }),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Made-up VMs of 64 sizes.
 * @param {string} home
 * @param {string} model
 */
function makeHome(home, model) {
  const config = readFileSync(join(model, "vm.mjs"), "utf8");
  const image = readFileSync(join(model, "root.qcow2")).subarray(0, 4096);
  mkdirSync(home);
  for (let index = 0; index < COUNT; index++) {
    const vm = join(home, `VM${index}`);
    mkdirSync(vm);
    const own = config.replace("// One:", `// VM${index}:`).replace('"2G"', `"${1 + (index % 64)}G"`);
    writeFileSync(join(vm, "vm.mjs"), own);
    writeFileSync(join(vm, "root.qcow2"), image);
    writeFileSync(join(vm, ".lock"), "");
  }
}
