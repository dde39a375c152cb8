// @ts-check
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelFixture } from "../../e2e/fixtures/kernel.mjs";
import { renderOneFile } from "../packages/one-file.mjs";
import { readOrigin } from "../packages/program.mjs";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

const NODE = { argv: [process.execPath, "-e", "0"] };
const NAME = "bench";
const INSTALL_OPTIONS = [
  "--dry-run",
  "--hostname",
  "bench",
  "--ssh-key",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 bench",
];

/**
 * What a person waits for before QEMU has started.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const { build } = await kernelFixture();
  const directory = mkdtempSync(join(tmpdir(), "vm-bench-"));
  try {
    return [...compareStarts(directory, build), await compareOneFile(directory)];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * `vm-x86_64`, made as a release makes it, beside the bin on the Node that runs this. The first round, which is not counted, keeps what V8
 * compiles and unpacks what other programs read.
 * @param {string} directory
 */
async function compareOneFile(directory) {
  const file = join(directory, "vm-x86_64");
  const scratch = join(directory, "one-file");
  mkdirSync(scratch);
  writeFileSync(file, await renderOneFile(readOrigin(), "one file", scratch), { mode: 0o755 });
  const env = quietEnvironment({
    VM_HOME: join(directory, "vm"),
    VM_CACHE_HOME: join(directory, "cache"),
    XDG_CONFIG_HOME: join(directory, "config"),
  });
  return compare({
    name: "vm-x86_64 list",
    measured: () => ({ argv: [file, "list"], env }),
    floorName: "vm list under Node",
    floor: [{ argv: [process.execPath, join(ROOT, "apps/cli/bin/vm.cjs"), "list"], env }],
    target: 1.1,
  });
}

/**
 * @param {string} directory
 * @param {string} build
 */
function compareStarts(directory, build) {
  const home = join(directory, "vm");
  const stubs = join(directory, "stubs");
  mkdirSync(stubs);
  // A stand-in for QEMU that says when it was started: what is timed is the way to its exec.
  const stub = join(stubs, "qemu-system-x86_64");
  const startedFile = join(directory, "started");
  writeFileSync(stub, `#!/bin/sh\nexec date +%s.%N >'${startedFile}'\n`);
  chmodSync(stub, 0o755);
  const env = quietEnvironment({
    VM_HOME: home,
    XDG_CONFIG_HOME: join(directory, "config"),
    PATH: `${stubs}:${process.env.PATH}`,
  });
  const vm = join(ROOT, "apps/cli/bin/vm.cjs");
  const image = join(directory, "blank.qcow2");
  /** @param {readonly string[]} args */
  const runVm = (...args) => ({ argv: [process.execPath, vm, ...args], env });
  const create = compare({
    name: "vm create -s 16G",
    measured: (round) => runVm("create", "-s", "16G", round === 0 ? NAME : `${NAME}${round}`),
    floorName: "qemu-img create + node -e 0",
    floor: [NODE, { argv: ["qemu-img", "create", "-q", "-f", "qcow2", image, "16G"] }],
    target: 1,
  });
  const list = compare({
    name: "vm list",
    measured: () => runVm("list"),
    floorName: "node -e 0",
    floor: [NODE],
    target: 1.25,
  });
  const dryRun = compare({
    name: "vm run NAME -k --dry-run",
    measured: () => runVm("run", NAME, "-k", build, "--dry-run"),
    floorName: "node -e 0",
    floor: [NODE],
    target: 1.25,
  });
  const embedded = compare({
    name: "vm run -k --exec --dry-run",
    measured: () => runVm("run", "-k", build, "--exec", "true", "--dry-run"),
    floorName: "node -e 0",
    floor: [NODE],
    target: 1.5,
  });
  const run = compare({
    name: "vm run NAME -k, to the exec of QEMU",
    measured: () => ({ ...runVm("run", NAME, "-k", build), startedFile }),
    floorName: "node -e 0",
    floor: [NODE],
    less: { argv: [stub], startedFile },
    target: 1.5,
  });
  const install = compare({
    name: "arch-install --dry-run",
    measured: () => ({
      argv: [
        process.execPath,
        join(ROOT, "packages/arch-installer/bin/arch-install.cjs"),
        ...INSTALL_OPTIONS,
      ],
      env,
    }),
    floorName: "node -e 0",
    floor: [NODE],
    target: 1.5,
  });
  // What one Tab asks; each loads the definitions of the command.
  const completions = [
    { of: "an option", words: ["run", "--boot-t"] },
    { of: "a VM's name", words: ["run", NAME.slice(0, 2)] },
    { of: "a kernel", words: ["run", NAME, "-k", "gi"] },
  ].map(({ of, words }) =>
    compare({
      name: `vm completion of ${of}`,
      measured: () => runVm("completion", "zsh", "--", ...words),
      floorName: "vm --version",
      floor: [runVm("--version")],
      target: 1.3,
    }),
  );
  return [list, dryRun, embedded, run, create, install, ...completions];
}
