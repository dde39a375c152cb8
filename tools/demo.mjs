// @ts-check
// npm run demo: compile a kernel, boot it from its build tree with `vm run -k`, run a command in the guest, show the answer.
import { createOverlay, debianDisk } from "../e2e/fixtures/debian-disk.mjs";
import { HOST_NAME, ROOT_PASSWORD } from "../e2e/fixtures/debian-root.mjs";
import { kernelFixture } from "../e2e/fixtures/kernel.mjs";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setUp } from "./setup.mjs";
import { ROOT, say } from "./step.mjs";

const NAME = "demo";
const COMMAND = "uname -srm; uptime -p; lsmod";
const MODULE = "drivers/net/dummy.ko";
const BOOT_TIMEOUT_MS = 10 * 60_000;
const VM = join(ROOT, "apps/cli/bin/vm.cjs");

const directory = mkdtempSync(join(tmpdir(), "vm-demo-"));
const env = { ...process.env, VM_HOME: join(directory, "vm"), XDG_CONFIG_HOME: join(directory, "config") };

/**
 * Runs `vm` without a terminal: what the guest prints on its serial console is shown, and answered as in a chat script.
 * @param {readonly string[]} args
 * @param {readonly [prompt: RegExp, answer: string][]} chat
 * @returns {Promise<string>} all output
 */
async function vm(args, chat) {
  process.stdout.write(`$ vm ${args.join(" ")}\n`);
  const child = spawn(process.execPath, [VM, ...args], { cwd: directory, env, stdio: "pipe" });
  const remaining = [...chat];
  let output = "";
  let seen = 0;
  const timer = setTimeout(() => child.kill("SIGTERM"), BOOT_TIMEOUT_MS);
  child.stderr.pipe(process.stderr);
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    process.stdout.write(chunk);
    output += chunk;
    const [next] = remaining;
    if (next === undefined || !next[0].test(output.slice(seen))) return;
    seen = output.length;
    remaining.shift();
    child.stdin.write(next[1]);
  });
  /** @type {number | string} */
  const status = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  clearTimeout(timer);
  if (status !== 0) throw new Error(`vm ${args[0]} ended with ${status}`);
  return output;
}

try {
  say("1/4 what this needs: Debian packages, npm packages, the build");
  await setUp({ goal: "demo", consent: "ask" });
  say("2/4 a kernel, compiled from source (the first time only), and a Debian guest for it");
  const { build, release } = await kernelFixture();
  const disk = await debianDisk();
  say("3/4 a virtual machine");
  await vm(["create", NAME, "-c", "1", "-m", "1G"], []);
  const [image = ""] = readdirSync(join(env.VM_HOME, NAME)).filter((name) => name.endsWith(".qcow2"));
  await createOverlay(disk, join(env.VM_HOME, NAME, image));
  say("4/4 boot the kernel straight from its build tree, load a module out of it, power off");
  const output = await vm(
    ["run", NAME, "-k", build],
    [
      [new RegExp(`${HOST_NAME} login: `), "root\r"],
      [/Password: /, `${ROOT_PASSWORD}\r`],
      [/# $/, `mount -t 9p -o trans=virtio,ro modules /mnt && insmod /mnt/${MODULE}; ${COMMAND}\r`],
      [/# $/, "systemctl poweroff\r"],
    ],
  );
  if (!output.includes(`Linux ${release} x86_64`)) throw new Error(`the guest did not run Linux ${release}`);
  if (!/^dummy /m.test(output)) throw new Error(`the module ${MODULE} of the build did not load`);
  say(`demo: OK: Linux ${release}, booted from ${build}, loaded a module of that build`);
} catch (error) {
  say(`demo: FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
