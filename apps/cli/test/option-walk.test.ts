import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import { commandTable } from "../src/command-table.js";
import { define as defineCompletion } from "../src/commands/completion.js";
import { define as defineCache } from "../src/commands/cache.js";
import { define as defineConfig } from "../src/commands/config.js";
import { define as defineCreate } from "../src/commands/create.js";
import { define as defineExport } from "../src/commands/export.js";
import { define as defineImport } from "../src/commands/import.js";
import { define as defineDoctor } from "../src/commands/doctor.js";
import { define as defineDecode } from "../src/commands/decode.js";
import { define as defineCp } from "../src/commands/cp.js";
import { define as defineExec } from "../src/commands/exec.js";
import { define as defineForward } from "../src/commands/forward.js";
import { define as defineMount } from "../src/commands/mount.js";
import { define as defineShell } from "../src/commands/shell.js";
import { define as defineSsh } from "../src/commands/ssh.js";
import { define as defineSshConfig } from "../src/commands/ssh-config.js";
import { define as defineSshConnect } from "../src/commands/ssh-connect.js";
import { define as defineDump } from "../src/commands/dump.js";
import { define as defineServeCells } from "../src/commands/serve-cells.js";
import { define as defineGdb } from "../src/commands/gdb.js";
import { define as defineClone } from "../src/commands/clone.js";
import { define as defineRename } from "../src/commands/rename.js";
import { define as defineResize } from "../src/commands/resize.js";
import { define as defineRm } from "../src/commands/rm.js";
import { define as defineSnapshot } from "../src/commands/snapshot.js";
import { define as defineSet } from "../src/commands/set.js";
import { define as defineEdit } from "../src/commands/edit.js";
import { define as defineDisk } from "../src/commands/disk.js";
import { define as defineInfo } from "../src/commands/info.js";
import { define as defineInstall } from "../src/commands/install.js";
import { define as defineConsole } from "../src/commands/console.js";
import { define as defineEvents } from "../src/commands/events.js";
import { define as defineLogs } from "../src/commands/logs.js";
import { define as definePause } from "../src/commands/pause.js";
import { define as defineQmp } from "../src/commands/qmp.js";
import { define as defineRestart } from "../src/commands/restart.js";
import { define as defineResume } from "../src/commands/resume.js";
import { define as defineStop } from "../src/commands/stop.js";
import { define as defineWait } from "../src/commands/wait.js";
import { define as defineReport } from "../src/commands/report.js";
import { define as defineKconfig } from "../src/commands/kconfig.js";
import { define as defineKernel } from "../src/commands/kernel.js";
import { define as defineList } from "../src/commands/list.js";
import { define as defineMcp } from "../src/commands/mcp.js";
import { define as defineModulesPackage } from "../src/commands/modules-package.js";
import { define as defineModules } from "../src/commands/modules.js";
import { KEY, stage } from "./installation-stage.js";
import { configuration, makeBuildTree, makeSourceRepository, type Ended } from "./vm.js";

/** What shows that an option of a command is no idle word. */
interface OptionProof {
  /** The option, as a person types it. */
  readonly words: readonly string[];
  /** Other words of the command: with and without the option it prints something else. Or the tests in which a whole run shows it. */
  readonly honoured: readonly string[] | { readonly by: string };
  /** Other words with which it would do nothing: it is refused by its name. */
  readonly refused?: readonly (readonly string[])[];
}

type OptionTable = Readonly<Record<string, OptionProof>>;

const isoInstall = ["N", "--ssh-key", "id.pub", "--iso", "arch.iso", "-n"];
const hostInstall = ["N", "--ssh-key", "id.pub", "--bootstrap", "-k", "linux", "-n"];

/** In a real installation: no script has a place for it. */
function liveOnly(by: string, ...words: string[]): OptionProof {
  return { words, honoured: { by }, refused: [isoInstall, hostInstall, ["N", "-n"]] };
}

function scripted(...words: string[]): OptionProof {
  return { words, honoured: isoInstall };
}

/** What only says how `git:REVISION` is configured or compiled. */
function gitOnly(...words: string[]): OptionProof {
  return { words, honoured: ["git:HEAD", "-n"], refused: [["linux"], ["linux", "--json"], ["linux", "-n"]] };
}

/** The script of `vm decode` is the command itself, with all its words. */
function decodeGit(...words: string[]): OptionProof {
  const log = "console.log";
  return {
    words,
    honoured: [log, "-k", "git:HEAD", "-n"],
    refused: [
      [log, "-k", "linux"],
      [log, "-k", "linux", "-n"],
    ],
  };
}

/** Of a guest that runs. */
function running(...words: string[]): OptionProof {
  return { words, honoured: { by: "../../../e2e/test/background.test.ts" } };
}

const merge = ["linux/good.fragment", "-C", "linux", "-n"];
const fetchOnly = { honoured: { by: "fetch.test.ts" }, refused: [["linux"], ["linux", "-n"], ["git:HEAD"]] };

/** Where a guest runs. */
const reach = "../../../e2e/test/reach.test.ts";

const importing = ["../vms/X/root.qcow2", "N", "-n"];

const tables: Readonly<Record<string, OptionTable>> = {
  create: {
    cpus: { words: ["-c", "3"], honoured: ["N", "-n"] },
    memory: { words: ["-m", "3G"], honoured: ["N", "-n"] },
    size: { words: ["-s", "3G"], honoured: ["N", "-n"] },
    disk: { words: ["--disk", "3G"], honoured: ["N", "-n"] },
    nvme: { words: ["--nvme"], honoured: ["N", "-n"] },
    arch: { words: ["--arch", "aarch64"], honoured: ["N", "-n"] },
    from: { words: ["--from", "../vms/X/root.qcow2"], honoured: ["N", "-n"] },
    dryRun: { words: ["-n"], honoured: ["N", "-s", "1M"] },
  },
  config: {
    effective: { words: ["--effective"], honoured: [], refused: [["X"], ["X", "-n"]] },
    json: { words: ["--json"], honoured: ["--effective"], refused: [["X"], ["X", "-n"]] },
    dryRun: { words: ["-n"], honoured: ["X"] },
  },
  export: {
    libvirt: { words: ["--libvirt"], honoured: { by: "export.test.ts" } },
    kernel: { words: ["-k", "linux"], honoured: ["X", "--libvirt"] },
    append: {
      words: ["-a", "loglevel=7"],
      honoured: ["X", "--libvirt", "-k", "linux"],
      refused: [
        ["X", "--libvirt"],
        ["X", "--libvirt", "-n"],
      ],
    },
    dryRun: { words: ["-n"], honoured: ["X", "--libvirt"] },
  },
  import: {
    cpus: { words: ["-c", "3"], honoured: importing },
    memory: { words: ["-m", "3G"], honoured: importing },
    size: { words: ["-s", "3G"], honoured: importing },
    disk: { words: ["--disk", "3G"], honoured: importing },
    nvme: { words: ["--nvme"], honoured: importing },
    arch: { words: ["--arch", "aarch64"], honoured: importing },
    format: { words: ["--format", "raw"], honoured: importing },
    user: { words: ["--user", "me"], honoured: [...importing, "--ssh-key", KEY], refused: [importing] },
    sshKey: { words: ["--ssh-key", KEY], honoured: importing },
    hostname: { words: ["--hostname", "testvm"], honoured: importing },
    dryRun: { words: ["-n"], honoured: ["../vms/X/root.qcow2", "N"] },
  },
  report: {
    html: { words: ["--html", "h.html"], honoured: { by: "report.test.ts" } },
    json: { words: ["--json"], honoured: { by: "report.test.ts" } },
    dryRun: { words: ["-n"], honoured: { by: "report.test.ts" } },
  },
  "cache list": {
    json: { words: ["--json"], honoured: { by: "cache.test.ts" } },
    dryRun: { words: ["-n"], honoured: { by: "cache.test.ts" } },
  },
  "cache prune": {
    limit: { words: ["--limit", "0"], honoured: { by: "cache.test.ts" } },
    json: { words: ["--json"], honoured: { by: "cache.test.ts" } },
    dryRun: { words: ["-n"], honoured: { by: "cache.test.ts" } },
  },
  mcp: {
    allowWrite: { words: ["--allow-write", "linux"], honoured: ["-n"] },
    dryRun: { words: ["-n"], honoured: { by: "../../../e2e/test/mcp.test.ts" } },
  },
  doctor: {
    kernel: { words: ["-k", "linux"], honoured: ["-n"] },
    json: { words: ["--json"], honoured: ["-n"] },
    dryRun: { words: ["-n"], honoured: { by: "doctor.test.ts" } },
  },
  completion: { dryRun: { words: ["-n"], honoured: ["bash"] } },
  list: {
    json: { words: ["--json"], honoured: [], refused: [["-q"], ["-q", "-n"]] },
    quiet: { words: ["-q"], honoured: [], refused: [["--json"]] },
    dryRun: { words: ["-n"], honoured: [] },
  },
  info: {
    json: { words: ["--json"], honoured: ["X"] },
    dryRun: { words: ["-n"], honoured: ["X"] },
  },
  decode: {
    kernel: { words: ["-k", "linux"], honoured: { by: "decode.test.ts" } },
    module: { words: ["--module", "m.ko"], honoured: { by: "decode.test.ts" } },
    full: {
      words: ["--full"],
      honoured: ["console.log", "-k", "linux"],
      refused: [["console.log", "-k", "linux", "--json"]],
    },
    json: { words: ["--json"], honoured: ["console.log", "-k", "linux"] },
    dryRun: { words: ["-n"], honoured: ["console.log", "-k", "linux"] },
    jobs: decodeGit("-j", "3"),
    fragments: decodeGit("--fragments", "qemu"),
    base: decodeGit("--base", "tinyconfig"),
    arch: decodeGit("--arch", "x86_64"),
  },
  clone: {
    linked: { words: ["--linked"], honoured: ["X", "N", "-n"] },
    dryRun: { words: ["-n"], honoured: ["X", "Copy"] },
  },
  set: { dryRun: { words: ["-n"], honoured: ["X", "cpus=3"] } },
  edit: { dryRun: { words: ["-n"], honoured: { by: "keep.test.ts" } } },
  "disk add": {
    nvme: { words: ["--nvme"], honoured: ["X", "1M", "-n"] },
    dryRun: { words: ["-n"], honoured: ["X", "1M"] },
  },
  "disk remove": {
    keep: { words: ["--keep"], honoured: ["X", "root.qcow2", "-n"] },
    yes: { words: ["--yes"], honoured: { by: "keep.test.ts" } },
    dryRun: { words: ["-n"], honoured: ["X", "root.qcow2", "--yes"] },
  },
  "disk list": {
    json: { words: ["--json"], honoured: ["X"] },
    dryRun: { words: ["-n"], honoured: ["X"] },
  },
  rename: { dryRun: { words: ["-n"], honoured: ["X", "N"] } },
  resize: {
    disk: {
      words: ["--disk", "root.qcow2"],
      honoured: { by: "keep.test.ts" },
    },
    dryRun: { words: ["-n"], honoured: ["X", "+1M"] },
  },
  "snapshot create": {
    disksOnly: { words: ["--disks-only"], honoured: { by: "keep.test.ts" } },
    dryRun: { words: ["-n"], honoured: ["X", "one"] },
  },
  "snapshot list": {
    json: { words: ["--json"], honoured: ["X"] },
    dryRun: { words: ["-n"], honoured: ["X"] },
  },
  "snapshot restore": { dryRun: { words: ["-n"], honoured: ["S", "one"] } },
  "snapshot delete": { dryRun: { words: ["-n"], honoured: ["S", "one"] } },
  rm: {
    yes: { words: ["--yes"], honoured: { by: "keep.test.ts" } },
    dryRun: { words: ["-n"], honoured: ["X", "--yes"] },
  },
  gdb: {
    vmlinux: { words: ["--vmlinux", "vmlinux"], honoured: { by: "debug.test.ts" } },
    dryRun: { words: ["-n"], honoured: { by: "debug.test.ts" } },
  },
  stop: {
    all: { ...running("--all"), refused: [["X"], ["X", "-n"]] },
    force: { ...running("--force"), refused: [["X", "--timeout", "5"]] },
    timeout: { ...running("--timeout", "5"), refused: [["X", "--force"]] },
    json: running("--json"),
    dryRun: running("-n"),
  },
  restart: {
    force: { ...running("--force"), refused: [["X", "--timeout", "5"]] },
    timeout: { ...running("--timeout", "5"), refused: [["X", "--force"]] },
    wait: running("--no-wait"),
    dryRun: running("-n"),
  },
  console: { detachKey: running("--detach-key", "^T"), dryRun: running("-n") },
  logs: { follow: running("-f"), dryRun: running("-n") },
  pause: { dryRun: running("-n") },
  resume: { dryRun: running("-n") },
  wait: {
    for: running("--for", "up"),
    timeout: running("--timeout", "5"),
    json: running("--json"),
    dryRun: running("-n"),
  },
  events: { dryRun: running("-n") },
  qmp: { dryRun: running("-n") },
  exec: {
    tty: { words: ["-t"], honoured: { by: reach } },
    stdin: { words: ["--no-stdin"], honoured: { by: reach } },
    dryRun: { words: ["-n"], honoured: { by: reach } },
  },
  shell: { dryRun: { words: ["-n"], honoured: ["X"] } },
  cp: {
    preserve: { words: ["-p"], honoured: { by: reach } },
    dryRun: { words: ["-n"], honoured: { by: reach } },
  },
  ssh: { dryRun: { words: ["-n"], honoured: { by: reach } } },
  "ssh-config": { dryRun: { words: ["-n"], honoured: ["X"] } },
  "ssh-connect": { dryRun: { words: ["-n"], honoured: ["X"] } },
  "serve-cells": { dryRun: { words: ["-n"], honoured: [] } },
  forward: {
    reverse: { words: ["--reverse"], honoured: { by: reach } },
    cancel: { words: ["--cancel"], honoured: { by: reach } },
    dryRun: { words: ["-n"], honoured: { by: reach } },
  },
  mount: {
    from: { words: ["--from"], honoured: { by: reach } },
    readOnly: { words: ["--read-only"], honoured: { by: reach } },
    dryRun: { words: ["-n"], honoured: { by: reach } },
  },
  dump: { dryRun: { words: ["-n"], honoured: ["X", "core"] } },
  kernel: {
    json: { words: ["--json"], honoured: ["linux"] },
    dryRun: { words: ["-n"], honoured: ["linux"] },
    fetch: { words: ["--fetch", "debian:sid"], honoured: ["-n"], refused: [["linux"], ["linux", "-n"]] },
    flavour: { words: ["--flavour", "cloud"], ...fetchOnly },
    mirror: { words: ["--mirror", "http://127.0.0.1:9/debian"], ...fetchOnly },
    keyring: { words: ["--keyring", "keys"], ...fetchOnly },
    jobs: { ...gitOnly("-j", "3"), refused: [["linux"], ["linux", "-n"], ["--fetch", "debian:sid", "-n"]] },
    fragments: {
      ...gitOnly("--fragments", "qemu"),
      refused: [["linux"], ["linux", "-n"], ["--fetch", "debian:sid", "-n"]],
    },
    base: {
      ...gitOnly("--base", "tinyconfig"),
      refused: [["linux"], ["linux", "-n"], ["--fetch", "debian:sid", "-n"]],
    },
    arch: gitOnly("--arch", "x86_64"),
  },
  modules: {
    json: {
      words: ["--json"],
      honoured: ["linux"],
      refused: [
        ["linux", "-q"],
        ["linux", "-q", "-n"],
      ],
    },
    quiet: { words: ["-q"], honoured: ["linux"], refused: [["linux", "--json"]] },
    dryRun: { words: ["-n"], honoured: ["linux"] },
  },
  "modules-package": {
    output: { words: ["-o", "elsewhere"], honoured: ["-n"] },
    format: { words: ["--format", "deb"], honoured: ["-n"] },
    compression: {
      words: ["--compression", "zstd"],
      honoured: ["-n"],
      refused: [
        ["--format", "deb"],
        ["--format", "deb", "-n"],
      ],
    },
    dryRun: { words: ["-n"], honoured: [] },
  },
  "kconfig merge": {
    tree: { words: ["-C", "other"], honoured: merge },
    buildDir: { words: ["-O", "out"], honoured: merge },
    output: { words: ["-o", "out.config"], honoured: merge },
    base: { words: ["--base", "tinyconfig"], honoured: merge },
    arch: { words: ["--arch", "arm64"], honoured: merge },
    json: { words: ["--json"], honoured: ["linux/good.fragment", "-C", "linux"], refused: [merge] },
    dryRun: { words: ["-n"], honoured: ["linux/good.fragment", "-C", "linux"] },
  },
  "kconfig check": {
    for: {
      words: ["--for", "none"],
      honoured: ["linux/.config", "linux/good.fragment"],
      refused: [["linux/.config"], ["linux/.config", "--json"], ["linux/.config", "-n"]],
    },
    exact: {
      words: ["--exact"],
      honoured: ["linux/.config", "linux/module.fragment"],
      refused: [["linux/.config"], ["linux/.config", "--json"], ["linux/.config", "-n"]],
    },
    tree: {
      words: ["-C", "linux"],
      honoured: ["config", "linux/bad.fragment"],
      refused: [["linux/.config"], ["linux/.config", "-n"]],
    },
    json: { words: ["--json"], honoured: ["linux/.config"] },
    dryRun: { words: ["-n"], honoured: ["linux/.config"] },
    fragments: { ...gitOnly("--fragments", "qemu"), refused: [["linux/.config"], ["linux/.config", "-n"]] },
    base: { ...gitOnly("--base", "tinyconfig"), refused: [["linux/.config"], ["linux/.config", "-n"]] },
    arch: { ...gitOnly("--arch", "x86_64"), refused: [["linux/.config"], ["linux/.config", "-n"]] },
  },
  install: {
    cpus: scripted("-c", "3"),
    memory: scripted("-m", "3G"),
    size: { ...scripted("-s", "3G"), refused: [["X", "--ssh-key", "id.pub", "-n"]] },
    accel: scripted("--accel", "kvm"),
    qemu: scripted("--qemu", "/bin/true"),
    iso: {
      words: ["--iso", "arch.iso"],
      honoured: ["N", "--ssh-key", "id.pub", "-n"],
      refused: [hostInstall],
    },
    mirror: {
      ...scripted("--mirror", "http://m.example/arch"),
      refused: [isoInstall, hostInstall].map((words) => [
        ...words,
        "--pacman-mirrors",
        "http://p.example/$repo",
      ]),
    },
    isoKeyring: {
      ...liveOnly("../../../packages/arch-live/test/newest-iso.test.ts", "--iso-keyring", "keys"),
      refused: [isoInstall, hostInstall, hostInstall.slice(0, -1), ["N", "-n"], isoInstall.slice(0, -1)],
    },
    bootstrap: {
      words: ["--bootstrap"],
      honoured: { by: "../../../e2e/test/arch-install-guest.test.ts" },
      refused: [isoInstall, ["N", "-n"]],
    },
    kernel: {
      words: ["-k", "linux"],
      honoured: { by: "../../../e2e/test/arch-install-guest.test.ts" },
      refused: [isoInstall],
    },
    pacmanConf: {
      words: ["--pacman-conf", "pacman.conf"],
      honoured: { by: "../../../e2e/test/arch-install-guest.test.ts" },
      refused: [isoInstall],
    },
    timeout: liveOnly("../../../e2e/test/install.test.ts", "--timeout", "5m"),
    silenceTimeout: liveOnly("../../../e2e/test/install.test.ts", "--silence-timeout", "5m"),
    shell: liveOnly("../../../e2e/test/install.test.ts", "--shell"),
    keep: liveOnly("install.test.ts", "--keep"),
    full: liveOnly("../../../e2e/test/decode.test.ts", "--full"),
    log: { ...scripted("--log", "my.log"), refused: [hostInstall] },
    dryRun: { words: ["-n"], honoured: isoInstall.slice(0, -1) },
    hostname: scripted("--hostname", "other"),
    rootDev: {
      words: ["--root-dev", "/dev/vdb"],
      honoured: { by: "install.test.ts" },
      refused: [isoInstall],
    },
    fs: { ...scripted("--fs", "xfs"), refused: [[...isoInstall, "--mkfs-cmd", "mkfs.btrfs"]] },
    mkfsCmd: scripted("--mkfs-cmd", "mkfs.ext4 -q"),
    partitionTable: scripted("--partition-table", "gpt"),
    firmware: scripted("--firmware", "uefi"),
    bootloader: scripted("--bootloader", "none"),
    pacmanMirrors: scripted("--pacman-mirrors", "http://p.example/$repo"),
    httpProxy: scripted("--http-proxy", "http://10.0.2.2:3128"),
    proxyExcept: {
      words: ["--proxy-except", "a.example"],
      honoured: [...isoInstall, "--http-proxy", "http://10.0.2.2:3128"],
      refused: [isoInstall],
    },
    packages: scripted("--packages", "htop"),
    packageFile: {
      words: ["--package-file", "p.pkg.tar"],
      honoured: [...isoInstall, "--no-modules-mounter"],
    },
    development: scripted("--no-development"),
    xfstests: scripted("--no-xfstests"),
    modulesMounter: scripted("--no-modules-mounter"),
    locales: scripted("--locales", "de_DE.UTF-8"),
    timezone: scripted("--timezone", "Europe/Berlin"),
    rootPasswordFile: scripted("--root-password-file", "password"),
    rootPasswordHash: scripted("--root-password-hash", "$6$a$b"),
    user: scripted("--user", "me"),
    sshKey: scripted("--ssh-key", KEY.replace("me@here", "you@there")),
    autologin: scripted("--autologin"),
    run: scripted("--run", "true"),
    // In a guest the disk is blank, or a VM's own that has to be named with --yes: without one there is nothing to refuse.
    yes: { words: ["--yes"], honoured: { by: "install.test.ts" } },
    config: scripted("--config", "options.json"),
  },
};

const context = { env: {}, cwd: "/", setExitCode: () => {} };

/** Every command but `vm run`, `vm start` and `vm test`, which option-check.test.ts walks. */
const definitions: Readonly<Record<string, typeof defineList>> = {
  create: defineCreate,
  import: defineImport,
  install: defineInstall,
  gdb: defineGdb,
  decode: defineDecode,
  dump: defineDump,
  exec: defineExec,
  shell: defineShell,
  cp: defineCp,
  ssh: defineSsh,
  "ssh-config": defineSshConfig,
  "ssh-connect": defineSshConnect,
  "serve-cells": defineServeCells,
  forward: defineForward,
  mount: defineMount,
  cache: defineCache,
  report: defineReport,
  mcp: defineMcp,
  doctor: defineDoctor,
  completion: defineCompletion,
  config: defineConfig,
  export: defineExport,
  list: defineList,
  info: defineInfo,
  disk: defineDisk,
  edit: defineEdit,
  set: defineSet,
  snapshot: defineSnapshot,
  rm: defineRm,
  resize: defineResize,
  rename: defineRename,
  clone: defineClone,
  kernel: defineKernel,
  modules: defineModules,
  kconfig: defineKconfig,
  console: defineConsole,
  events: defineEvents,
  logs: defineLogs,
  pause: definePause,
  qmp: defineQmp,
  restart: defineRestart,
  resume: defineResume,
  stop: defineStop,
  wait: defineWait,
  "modules-package": defineModulesPackage,
};

/** What commander itself has, by command: the names of options. */
const options: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(definitions).flatMap(([name, define]) => {
    const command = new Command(name);
    define(command, context);
    const all = [command, ...command.commands].filter((each) => each.options.length > 0);
    return all.map((each) => [
      each === command ? name : `${name} ${each.name()}`,
      [...new Set(each.options.map((option) => option.attributeName()))],
    ]);
  }),
);

test("every command has a table, and every option of it an entry", () => {
  expect([...Object.keys(definitions), "run", "start", "test"].toSorted()).toEqual(
    commandTable.map(({ name }) => name).toSorted(),
  );
  expect([...options.keys()].toSorted()).toEqual(Object.keys(tables).toSorted());
  for (const [name, keys] of options) {
    expect([name, Object.keys(tables[name] ?? {}).toSorted()]).toEqual([name, keys.toSorted()]);
  }
});

const cache = mkdtempSync(join(tmpdir(), "vm-options-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

/** A place with all that the words of the tables name. */
function place(): ReturnType<typeof stage> {
  const box = stage();
  const linux = join(box.cwd, "linux");
  makeBuildTree(linux);
  const files: Readonly<Record<string, string>> = {
    Kconfig: 'config BROKEN\n\tbool "Broken"\n\tdepends on NEVER\nconfig NEVER\n\tbool "Never"\n',
    "scripts/Kconfig.include": "",
    Makefile: "olddefconfig:\n\tsed -i /BROKEN/d '$(KCONFIG_CONFIG)'\n",
    "good.fragment": "CONFIG_GOOD=y\n",
    "bad.fragment": "CONFIG_BROKEN=y\n",
    "module.fragment": "CONFIG_EXT4_FS=m\n",
  };
  mkdirSync(join(linux, "scripts"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(linux, name), text);
  cpSync(linux, join(box.cwd, "other"), { recursive: true });
  const own: Readonly<Record<string, string>> = {
    config: configuration,
    "console.log":
      "Oops: 0000 [#1] SMP\nRIP: 0010:f+0x1/0x2\nRAX: 0000000000000000\nCall Trace:\n g+0x1/0x2\n",
    password: "secret\n",
    "options.json": '{"packages": ["tree"]}\n',
  };
  for (const [name, text] of Object.entries(own)) writeFileSync(join(box.cwd, name), text);
  makeSourceRepository(box.cwd);
  return box;
}

/** A package file, which is our own. */
async function addPackage({ cwd, vm }: ReturnType<typeof stage>): Promise<void> {
  const { stdout } = await vm("modules-package", "--compression", "none");
  renameSync(stdout.trimEnd(), join(cwd, "p.pkg.tar"));
}

/** What is named anew each time. */
function lasting(text: string): string {
  return text.replaceAll(/\.new-[0-9a-f-]*/g, ".new");
}

type Run = (...words: readonly string[]) => Promise<Ended>;

/** Undefined where the option is honoured; else what was seen. */
async function idleness(
  key: string,
  { words, honoured }: OptionProof,
  { run, plain }: { readonly run: Run; readonly plain: Map<string, Ended> },
): Promise<string | undefined> {
  if ("by" in honoured) {
    // Of the library's own tests one has it by its key.
    const said = key === "isoKeyring" ? "keyring" : (words[0] ?? "");
    const isThere = readFileSync(new URL(honoured.by, import.meta.url), "utf8").includes(said);
    return isThere ? undefined : `${honoured.by} has no ${said}`;
  }
  const withIt = await run(...honoured, ...words);
  // After it: what is no dry run makes what it is to make.
  const without = plain.get(honoured.join("\0")) ?? (await run(...honoured));
  plain.set(honoured.join("\0"), without);
  // A check may end with 1, and says why on standard output; an error says nothing there.
  const isAnswer = withIt.code === 0 || (withIt.code === 1 && withIt.stdout !== "");
  if (!isAnswer) return `it failed: ${withIt.code} ${withIt.stderr}`;
  return lasting(withIt.stdout) === lasting(without.stdout) ? `no difference: ${withIt.stdout}` : undefined;
}

test.each(Object.keys(tables))(
  "vm %s: every option is honoured, or refused by its name",
  async (name) => {
    const box = place();
    const env = { ...box.env, VM_CACHE_HOME: join(cache, "cache") };
    await box.vm("create", "X", "-s", "1M");
    if (name.startsWith("snapshot")) {
      await box.vm("create", "S", "-s", "1M");
      await box.vm("snapshot", "create", "S", "one");
    }
    if (name === "install") await addPackage(box);
    const run: Run = (...words) => box.vmWith(env, ...name.split(" "), ...words);
    const plain = new Map<string, Ended>();
    for (const [key, proof] of Object.entries(tables[name] ?? {})) {
      expect([key, await idleness(key, proof, { run, plain })]).toEqual([key, undefined]);
      const { words, refused = [] } = proof;
      const ends = await Promise.all(refused.map((others) => run(...others, ...words)));
      for (const [index, others] of refused.entries()) {
        expect([key, others, ends[index]]).toMatchObject([
          key,
          others,
          { code: 2, stdout: "", stderr: expect.stringContaining(words[0] ?? "") },
        ]);
      }
    }
  },
  120_000,
);
