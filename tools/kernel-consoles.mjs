// @ts-check
// Makes the consoles of packages/kernel-report/test/corpus: kernels of our own are made to complain, each in a guest of its own, and what
// they wrote is kept from a few lines before the first complaint on.
//   node tools/kernel-consoles.mjs KIND=KERNEL... [CASE...]
// CONSOLES_ROOT=DIRECTORY is a root for kernels of another architecture, as for `vm run --root`.
// KIND is one of the table's below; KERNEL what `vm run -k` takes; without a CASE all of that kind are made.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReports } from "@vm/kernel-report";
import { ROOT } from "./step.mjs";

const CORPUS = join(ROOT, "packages/kernel-report/test/corpus");
const VM = join(ROOT, "apps/cli/bin/vm.cjs");
const LIMIT_S = 900;
const LINES_BEFORE = 6;
const MAX_LINES = 400;

/**
 * @typedef {object} Case
 * @property {string} command in the guest, by sh
 * @property {readonly string[]} [parameters] of the kernel
 * @property {number} [cpus]
 * @property {boolean} [goesOn] the command ends by itself: it is not waited for the kernel's end
 */

const crash = (/** @type {string} */ name) =>
  `modprobe lkdtm; mount -t debugfs d /sys/kernel/debug 2>/dev/null; echo ${name} > /sys/kernel/debug/provoke-crash/DIRECT`;
const lkdtm = (/** @type {string[]} */ ...names) =>
  Object.fromEntries(
    names.map((name) => [`lkdtm-${name.toLowerCase().replaceAll("_", "-")}`, { command: crash(name) }]),
  );
const often = (/** @type {string} */ name) =>
  `${crash(name)}; for i in $(seq 200); do echo ${name} > /sys/kernel/debug/provoke-crash/DIRECT; dmesg | grep -q KFENCE: && break; done`;

/** A file system that is frozen: who writes to it hangs. */
const frozen =
  "modprobe loop; truncate -s 16M /tmp/d; mkfs.ext4 -q /tmp/d; mkdir /tmp/m; mount -o loop /tmp/d /tmp/m; sysctl -w kernel.hung_task_timeout_secs=3; fsfreeze -f /tmp/m; touch /tmp/m/x";

/** @type {Record<string, Record<string, Case>>} */
const KINDS = {
  fixture: {
    ...lkdtm(
      "BUG",
      "WARNING",
      "WARNING_MESSAGE",
      "EXCEPTION",
      "EXHAUST_STACK",
      "REFCOUNT_SUB_AND_TEST_NEGATIVE",
    ),
    ...lkdtm("EXEC_DATA", "WRITE_RO", "PANIC"),
    "lkdtm-exception-smp": { command: crash("EXCEPTION"), cpus: 2, parameters: ["oops=panic"] },
    "kfence-use-after-free": { command: often("READ_AFTER_FREE"), parameters: ["kfence.sample_interval=1"] },
    "kfence-write-after-free": {
      command: often("WRITE_AFTER_FREE"),
      parameters: ["kfence.sample_interval=1"],
    },
    "soft-lockup-smp": {
      command: `sysctl -w kernel.watchdog_thresh=2; ${crash("SOFTLOCKUP")}`,
      cpus: 2,
      parameters: ["softlockup_panic=1"],
    },
    "rcu-stall-smp": {
      command: crash("SOFTLOCKUP"),
      cpus: 2,
      parameters: ["nosoftlockup", "rcupdate.rcu_cpu_stall_timeout=4", "sysctl.kernel.panic_on_rcu_stall=1"],
    },
    "rcu-stall": {
      command: crash("SOFTLOCKUP"),
      parameters: ["nosoftlockup", "rcupdate.rcu_cpu_stall_timeout=4", "sysctl.kernel.panic_on_rcu_stall=1"],
    },
    "hung-task": {
      command: `sysctl -w kernel.hung_task_timeout_secs=3; ${crash("HUNG_TASK")}`,
      parameters: ["hung_task_panic=1"],
      cpus: 2,
    },
    "atomic-sleep": {
      command: crash("SPINLOCKUP"),
      parameters: ["nosoftlockup", "rcupdate.rcu_cpu_stall_timeout=4", "sysctl.kernel.panic_on_rcu_stall=1"],
    },
    "sysrq-all": {
      command:
        "echo 1 > /proc/sys/kernel/sysrq; echo l > /proc/sysrq-trigger; echo w > /proc/sysrq-trigger; echo c > /proc/sysrq-trigger",
      cpus: 2,
    },
  },
  debian: {
    "sysrq-c": { command: "echo c > /proc/sysrq-trigger", cpus: 2 },
    "hung-task": { command: frozen, parameters: ["sysctl.kernel.hung_task_panic=1"], cpus: 2 },
    "sysrq-l": { command: "echo l > /proc/sysrq-trigger; echo c > /proc/sysrq-trigger", cpus: 2 },
  },
  arm64: {
    "sysrq-l": { command: "echo l > /proc/sysrq-trigger; echo c > /proc/sysrq-trigger", cpus: 2 },
  },
  kasan: {
    ...lkdtm(
      "WRITE_AFTER_FREE",
      "READ_AFTER_FREE",
      "SLAB_LINEAR_OVERFLOW",
      "VMALLOC_LINEAR_OVERFLOW",
      "ARRAY_BOUNDS",
      "BUG",
      "SLAB_FREE_DOUBLE",
    ),
    "kasan-tests": { command: "modprobe kasan_test", goesOn: true },
    ubsan: { command: "modprobe test_ubsan", goesOn: true },
    "lkdtm-spinlockup": {
      command: `${crash("SPINLOCKUP")}; ${crash("SPINLOCKUP")}`,
      cpus: 2,
      parameters: ["rcupdate.rcu_cpu_stall_timeout=8", "sysctl.kernel.panic_on_rcu_stall=1"],
    },
    "lockdep-inversion": { command: "insmod $MODULES/inversion.ko", goesOn: true },
    "atomic-sleep": { command: "insmod $MODULES/inversion.ko mode=sleep", goesOn: true },
    "rcu-usage": { command: "insmod $MODULES/inversion.ko mode=rcu", goesOn: true },
    "two-cpus": { command: "insmod $MODULES/inversion.ko mode=both; sleep 5", goesOn: true, cpus: 2 },
  },
  kcsan: {
    race: { command: "insmod $MODULES/inversion.ko mode=race; sleep 20", goesOn: true, cpus: 2 },
    boot: {
      command: "for i in 1 2 3 4; do find /proc -maxdepth 3 > /dev/null 2>&1 & done; wait",
      goesOn: true,
      cpus: 2,
    },
  },
};

/** Our own module, which is compiled against a kernel and makes it complain of locks and races. */
const MODULE = join(ROOT, "packages/kernel-report/test/inversion");

const words = process.argv.slice(2);
const kernels = words.filter((word) => word.includes("=")).map((word) => word.split(/=(.*)/s));
const only = words.filter((word) => !word.includes("="));
for (const [kind = "", kernel = ""] of kernels) {
  const [family = "", version = ""] = kind.split(/-(.*)/s);
  const cases = Object.entries(KINDS[family] ?? {});
  if (cases.length === 0)
    throw new Error(`no such kind: ${kind}; there are ${Object.keys(KINDS).join(", ")}`);
  const directory = mkdtempSync(join(tmpdir(), "vm-consoles-"));
  try {
    if (cases.some(([, { command }]) => command.includes("$MODULES"))) compileModule(kernel, directory);
    for (const [name, each] of cases) {
      if (only.length === 0 || only.includes(name))
        make([family, version, name].filter(Boolean).join("-"), kernel, each, directory);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @param {string} kernel @param {string} directory */
function compileModule(kernel, directory) {
  spawnSync("cp", ["-r", `${MODULE}/.`, directory]);
  const { status } = spawnSync("make", ["-s", "-C", kernel, `M=${directory}`, "modules"], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("the module of the corpus was not compiled");
}

/**
 * @param {string} name @param {string} kernel
 * @param {Case} wanted @param {string} directory
 */
function make(name, kernel, { command, parameters = [], cpus = 1, goesOn = false }, directory) {
  const console = join(directory, "console.log");
  rmSync(console, { force: true });
  const script = `export MODULES=${directory}; ${command}${goesOn ? "" : "; sleep 30"}`;
  const args = ["run", "-k", kernel, "--console", console, "--timeout", String(LIMIT_S)];
  const { CONSOLES_ROOT: root } = process.env;
  if (root !== undefined) args.push("--root", root, "--busybox", join(root, "bin/busybox"));
  for (const parameter of parameters) args.push("-a", parameter);
  args.push("--exec", script, "--", "-smp", String(cpus), "-m", "1G");
  const { stderr } = spawnSync(process.execPath, [VM, ...args], { encoding: "utf8" });
  const lines = readFileSync(console, "utf8").split("\n");
  const [first] = parseReports(lines);
  if (first === undefined) {
    process.stdout.write(`${name}: no report was found\n${stderr.split("\n").slice(-6).join("\n")}\n`);
    return;
  }
  const kept = lines.slice(Math.max(0, first.at - 1 - LINES_BEFORE)).slice(0, MAX_LINES);
  writeFileSync(join(CORPUS, `${name}.log`), `${kept.join("\n").trimEnd()}\n`);
  process.stdout.write(
    `${name}: ${kept.length} lines, ${parseReports(kept)
      .map(({ kind, headline }) => `${kind}: ${headline}`)
      .join(" | ")}\n`,
  );
}
