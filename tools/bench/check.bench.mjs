// @ts-check
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelFixture } from "../../e2e/fixtures/kernel.mjs";
import { bundleBin } from "../bundle.mjs";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

const DIRECTORY = join(ROOT, "apps/cli");
const NAME = "bench";

/**
 * The bin without what looks for missing options: neither are they read from `.config`.
 * @type {import("esbuild").Plugin}
 */
const unchecked = {
  name: "unchecked",
  setup(context) {
    context.onLoad({ filter: /kernel-build\/src\/build-check\.ts$/ }, () => ({
      contents: "export const checkBuild = () => [];",
    }));
    context.onLoad({ filter: /kernel-build\/src\/checked-options\.ts$/ }, () => ({
      contents: `import { architectureOptions } from "./architecture.js";
        export const wantedOptions = ["CONFIG_MODULES", ...architectureOptions];`,
    }));
  },
};

/**
 * What the look at a kernel's configuration costs before the boot.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const { build } = await kernelFixture();
  const scratch = mkdtempSync(join(tmpdir(), "vm-bench-"));
  try {
    const env = quietEnvironment({
      VM_HOME: join(scratch, "vm"),
      XDG_CONFIG_HOME: join(scratch, "config"),
      VM_ACCEL: "tcg",
    });
    const args = ["run", NAME, "-k", build, "--dry-run"];
    const bins = { checked: "", unchecked: "" };
    for (const variant of /** @type {const} */ (["checked", "unchecked"])) {
      bins[variant] = await makeBin(join(scratch, variant), variant === "unchecked" ? [unchecked] : []);
    }
    run([bins.checked, "create", "-s", "1M", NAME], env);
    // What V8 compiles is kept, as the build of the bin does it.
    for (const bin of Object.values(bins)) run([bin, ...args], { ...env, VM_BUILD_CODE_CACHE: "1" });
    return [
      compare({
        name: "vm run -k --dry-run",
        measured: () => ({ argv: [process.execPath, bins.checked, ...args], env }),
        floorName: "without the look at .config",
        floor: [{ argv: [process.execPath, bins.unchecked, ...args], env }],
        target: 1.05,
        rounds: 101,
      }),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {string} dist
 * @param {readonly import("esbuild").Plugin[]} plugins
 */
async function makeBin(dist, plugins) {
  const entryPoints = { vm: "src/bin.ts" };
  await bundleBin({ directory: DIRECTORY, dist, entryPoints, plugins });
  mkdirSync(join(dist, "code-cache", `${process.version}-${process.arch}`), { recursive: true });
  const bin = join(dist, "vm.cjs");
  writeFileSync(bin, 'require("./load-bin.cjs").load("vm.cjs");\n');
  return bin;
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(args, env) {
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} failed: ${stderr}`);
}
