// @ts-check
import { spawnSync } from "node:child_process";
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { cacheHome } from "../../e2e/fixtures/cache.mjs";
import { debianKernel } from "../../e2e/fixtures/debian-kernel.mjs";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

const VM = join(ROOT, "apps/cli/bin/vm.cjs");

/**
 * What 4,000 modules cost: Debian's full kernel, laid out as a build tree.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const kernel = await debianKernel({ flavour: "amd64" });
  // Beside the fixture: hard links do not cross file systems.
  const directory = mkdtempSync(join(cacheHome(), "bench-modules-"));
  try {
    const tree = layOut(kernel, join(directory, "tree"));
    return [...hostRows(directory, tree, kernel.release), ...guestRows(directory, tree, kernel.release)];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * @param {import("../../e2e/fixtures/debian-kernel.mjs").DebianKernel} kernel
 * @param {string} tree
 */
function layOut({ release, image, config, modules }, tree) {
  const order = readFileSync(join(modules, "modules.order"), "utf8").trimEnd().split("\n");
  for (const line of order) {
    const path = join(tree, line.replace(/^kernel\//, ""));
    mkdirSync(dirname(path), { recursive: true });
    linkSync(join(modules, line), path);
  }
  /** @type {[name: string, content: string | Uint8Array][]} */
  const files = [
    [".config", readFileSync(config)],
    ["include/config/auto.conf", ""],
    ["include/config/kernel.release", `${release}\n`],
    ["arch/x86/boot/bzImage", readFileSync(image)],
    // As Linux 6.2 and newer write it.
    ["modules.order", `${order.map((line) => line.replace(/^kernel\/(.*)\.ko$/, "$1.o")).join("\n")}\n`],
  ];
  for (const [index, [name, content]] of files.entries()) {
    const path = join(tree, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    const time = Date.now() / 1000 - 100 + index;
    utimesSync(path, time, time);
  }
  for (const name of ["modules.builtin", "modules.builtin.modinfo"])
    cpSync(join(modules, name), join(tree, name));
  return tree;
}

/**
 * @param {string} directory
 * @param {string} tree
 * @param {string} release
 */
function hostRows(directory, tree, release) {
  const cache = join(directory, "cache");
  const env = quietEnvironment({
    VM_CACHE_HOME: cache,
    VM_HOME: join(directory, "vm"),
    XDG_CONFIG_HOME: join(directory, "config"),
    VM_ACCEL: "tcg",
  });
  // depmod alone, over the same modules where modules_install would have put them.
  const installed = join(directory, "installed/lib/modules", release);
  mkdirSync(installed, { recursive: true });
  spawnSync("cp", ["-al", tree, join(installed, "kernel")]);
  for (const name of ["modules.builtin", "modules.builtin.modinfo"])
    cpSync(join(tree, name), join(installed, name));
  const cold = compare({
    name: "modules index, cold (4,023 modules)",
    measured: () => {
      rmSync(cache, { recursive: true, force: true });
      return { argv: [process.execPath, VM, "modules", "--quiet", tree], env };
    },
    floorName: "depmod",
    floor: [{ argv: ["/sbin/depmod", "-b", join(directory, "installed"), release] }],
    target: 1.2,
    rounds: 7,
  });
  // The same kernel without modules has no index to be checked.
  const bare = join(directory, "bare");
  spawnSync("cp", ["-a", tree, bare]);
  rmSync(join(bare, "modules.order"));
  for (const args of [
    ["create", "bench", "-s", "1G"],
    ["modules", "--quiet", tree],
    ["run", "-k", tree, "--exec", ":"],
  ]) {
    spawnSync(process.execPath, [VM, ...args], { env, stdio: "ignore" });
  }
  const initramfs = join(directory, "empty.img");
  writeFileSync(initramfs, "");
  /** @param {string} kernel */
  const dryRun = (kernel) => ({
    argv: [process.execPath, VM, "run", "bench", "-k", kernel, "-n", "-i", initramfs],
    env,
  });
  const warm = compare({
    name: "dry run with a warm index",
    measured: () => dryRun(tree),
    floorName: "dry run with none",
    floor: [dryRun(bare)],
    target: 1.1,
  });
  return [cold, warm];
}

/**
 * In the guest: from nothing to a loaded module, with the host's index, and by the guest's own depmod.
 * @param {string} directory
 * @param {string} tree
 * @param {string} release
 * @returns {import("./pairs.mjs").Row[]}
 */
function guestRows(directory, tree, release) {
  const env = quietEnvironment({ VM_CACHE_HOME: join(directory, "cache"), VM_ACCEL: "tcg" });
  const clock = "read -r now _ </proc/uptime; echo $now";
  /** @param {string} command @returns {number} seconds between the two lines that it prints */
  const seconds = (command) => {
    const { stdout } = spawnSync(process.execPath, [VM, "run", "-k", tree, "--exec", command], {
      env,
      encoding: "utf8",
    });
    const [start = NaN, end = NaN] = stdout.trim().split("\n").map(Number);
    return end - start;
  };
  const modules = `/lib/modules/${release}`;
  const withIndex = seconds(`${clock}
modprobe dummy
${clock}`);
  const withDepmod = seconds(`${clock}
mkdir -p /tmp/own/lib/modules/${release}
ln -s ${modules}/build /tmp/own/lib/modules/${release}/kernel
depmod -b /tmp/own ${release}
modprobe -d /tmp/own dummy
${clock}`);
  return [
    {
      name: "guest: a module loaded by the host's index",
      measuredMs: withIndex * 1000,
      floorName: "by the guest's depmod",
      floorMs: withDepmod * 1000,
      ratio: withIndex / withDepmod,
      target: 0.05,
    },
  ];
}
