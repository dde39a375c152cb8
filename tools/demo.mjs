// @ts-check
// npm run demo: get a kernel (Debian's package, which is only unpacked), boot it with its modules in the embedded guest, run a
// command there, show the answer.
//   npm run demo [-- --yes]   --yes: install what is missing without asking
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setUp } from "./setup.mjs";
import { ROOT, say } from "./step.mjs";

const VM = join(ROOT, "apps/cli/bin/vm.cjs");
const COMMAND = "uname -srm; modprobe dummy; lsmod | grep -e Module -e dummy; modinfo -F filename dummy";

/**
 * Runs `vm` as a person would, and shows what it prints.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {string} its standard output
 */
function vm(args, cwd) {
  process.stdout.write(
    `$ vm ${args.map((word) => (/^[\w./-]+$/.test(word) ? word : `'${word}'`)).join(" ")}\n`,
  );
  const { status, signal, stdout, error } = spawnSync(process.execPath, [VM, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  process.stdout.write(stdout);
  if (status !== 0) throw new Error(`vm ${args[0]} ended with ${status ?? signal}`);
  return stdout;
}

const directory = mkdtempSync(join(tmpdir(), "vm-demo-"));
try {
  const { values } = parseArgs({ options: { yes: { type: "boolean", default: false } } });
  say("1/3 what this needs: Debian packages, npm packages, the build");
  await setUp({ goal: "demo", consent: values.yes ? "given" : "ask" });
  say("2/3 a kernel: Debian's package, downloaded the first time only, and never installed");
  const { debianKernel } = await import("../e2e/fixtures/debian-kernel.mjs");
  const { deb, release } = await debianKernel({ flavour: "amd64" });
  say("3/3 boot it with its modules, on this machine's own root, and run a command there");
  const output = vm(["run", "-k", deb, "--timeout", "10m", "--exec", COMMAND], directory);
  if (!output.includes(`Linux ${release} x86_64`)) throw new Error(`the guest did not run Linux ${release}`);
  if (!/^dummy /m.test(output)) throw new Error("the module dummy of that kernel did not load");
  say(`demo: OK: Linux ${release} out of its package, ran a command and loaded a module of that kernel`);
} catch (error) {
  say(`demo: FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
