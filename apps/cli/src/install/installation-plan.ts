import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Installation, readInstallation } from "@vm/arch-installer";
import {
  ARCH_PACMAN_CONFIGURATION,
  checkBootstrapHost,
  type InstallPlan,
  type InstallTarget,
  type LogFiles,
  planBootstrap,
  planIsoInstall,
  readIsoBoot,
} from "@vm/arch-live";
import { codedError } from "@vm/command-plan";
import { findQemu } from "@vm/guest-run";
import { readRegularText } from "@vm/host-files";
import { NEW_VM_DEFAULTS } from "@vm/vm-store";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { ownBin } from "../own-bin.js";
import { chooseAccelerator } from "../run/accelerator.js";
import { usageError } from "../usage-error.js";
import type { InstallCommandOptions } from "./install-options.js";
import { askPassword } from "./password.js";

interface Wanted {
  readonly target: InstallTarget;
  readonly script: string;
  readonly options: InstallCommandOptions;
  readonly context: CommandContext;
}

/** What is installed on, as the guest sees it. */
const DISK = "/dev/vda";

/** What `vm` does itself while and after an installation: the script of a dry run does not. */
const notInScripts: readonly (readonly [key: keyof InstallCommandOptions, flag: string])[] = [
  ["isoKeyring", "--iso-keyring"],
  ["timeout", "--timeout"],
  ["silenceTimeout", "--silence-timeout"],
  ["shell", "--shell"],
  ["keep", "--keep"],
];

/** Refuses what means nothing together. */
export function checkOptions(options: InstallCommandOptions): void {
  const { bootstrap, kernel, iso, isoKeyring, pacmanConf, dryRun } = options;
  if (dryRun === true) checkDryRun(options);
  if (options.mirror !== undefined && options.pacmanMirrors !== undefined) {
    const image = bootstrap === true ? "--bootstrap" : iso === undefined ? undefined : "--iso";
    if (image !== undefined) {
      throw usageError(
        `--mirror is for an image that is downloaded and for packages: there are ${image} and --pacman-mirrors`,
        "Leave it out.",
      );
    }
  }
  if (bootstrap === true) {
    if (kernel === undefined) {
      throw usageError("--bootstrap needs a kernel (-k)", "vm kernel --help says what -k takes.");
    }
    if (iso !== undefined) throw usageError("--bootstrap and --iso: which of the two?");
    if (isoKeyring !== undefined) throw usageError("--iso-keyring is for an image, and --bootstrap has none");
    return;
  }
  const orphan = kernel !== undefined ? "-k" : pacmanConf !== undefined ? "--pacman-conf" : undefined;
  if (orphan !== undefined) throw usageError(`${orphan} is for --bootstrap`);
  if (iso !== undefined && isoKeyring !== undefined) {
    throw usageError("--iso-keyring is for an image that is downloaded");
  }
}

function checkDryRun(options: InstallCommandOptions): void {
  const given = notInScripts.find(([key]) => options[key] !== undefined)?.[1];
  if (given !== undefined) {
    throw usageError(
      `${given} is not for a dry run: its script does only what installs`,
      "Leave it out, or run vm install without -n.",
    );
  }
  if (options.bootstrap === true && options.log !== undefined) {
    throw usageError(
      "--log is not for a dry run with --bootstrap: its script prints what the installation says",
      "Leave it out, and redirect the script's output.",
    );
  }
}

/**
 * The installation that the options describe, for a guest that nobody sits at: its disk is blank, and what has to be asked
 * is asked here.
 */
export async function readUnattended(
  name: string,
  options: InstallCommandOptions,
  { cwd }: CommandContext,
): Promise<Installation> {
  const { mirror, pacmanMirrors } = options;
  const given = {
    ...options,
    ...(mirror === undefined || pacmanMirrors !== undefined
      ? {}
      : { pacmanMirrors: [mirrorlistEntry(mirror)] }),
  };
  const read = await readInstallation(given, { cwd, hostname: name }).catch((error: unknown) => {
    throw inWordsOfVm(error, options);
  });
  if (read.rootDev !== DISK) {
    throw usageError(`--root-dev: the disk of the VM is ${DISK}, and there is no ${read.rootDev}`);
  }
  if (read.proxyExcept !== undefined && read.httpProxy === undefined) {
    throw usageError(
      "--proxy-except names hosts that need no proxy, and there is none",
      "Add --http-proxy URL.",
    );
  }
  const installation: Installation = { ...read, wipe: "always" };
  if (installation.rootPassword.kind !== "ask") return installation;
  if (options.dryRun === true) {
    throw usageError(
      "root has no password and no key, and a dry run asks for none",
      "Give --ssh-key, --root-password-file or --root-password-hash.",
    );
  }
  const password = await askPassword(installation.hostname);
  return { ...installation, rootPassword: { kind: "plain", password } };
}

/** Where to read on is in this command's help, and the host name may be one that nobody typed. */
function inWordsOfVm(error: unknown, { hostname }: InstallCommandOptions): unknown {
  if (!(error instanceof Error) || !("hint" in error) || typeof error.hint !== "string") return error;
  if (hostname === undefined && error.message.startsWith("hostname:")) {
    return Object.assign(error, { hint: "It is the VM's name where --hostname gives no other." });
  }
  return Object.assign(error, { hint: error.hint.replace("arch-install", "vm install") });
}

/** As pacman's mirrorlist has it. What is on this host is at 10.0.2.2 for the guest (QEMU's user-mode network). */
function mirrorlistEntry(mirror: string): string {
  const base = mirror.replace(/\/+$/, "");
  const inGuest = base.replace(
    /^(\w+:\/\/)(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/]|$)/i,
    "$110.0.2.2",
  );
  return `${inGuest}/$repo/os/$arch`;
}

function logFiles(name: string, { log }: InstallCommandOptions, context: CommandContext): LogFiles {
  const file =
    log === undefined ? join(cacheHome(context), "install", `${name}.log`) : resolve(context.cwd, log);
  return { log: file, console: `${file.replace(/\.log$/, "")}.console.log` };
}

/** In the live system of an image. */
export async function planWithIso(
  { target, script, options, context }: Wanted,
  iso: string,
  signal?: AbortSignal,
): Promise<InstallPlan> {
  const qemu = findQemu({ arch: "x86_64", env: context.env });
  const { accel, dryRun } = options;
  const wish = { ...(accel === undefined ? {} : { accel }), ...(dryRun === undefined ? {} : { dryRun }) };
  const accelerator = chooseAccelerator(wish, context, { guestArch: "x86_64", qemu, theirs: [] });
  return planIsoInstall({
    target,
    logs: logFiles(target.name, options, context),
    iso,
    entry: await readIsoBoot(iso, { signal }),
    script,
    machine: {
      qemu,
      acceleratorOptions: accelerator.options,
      cpus: options.cpus ?? NEW_VM_DEFAULTS.cpus,
      memory: options.memory ?? NEW_VM_DEFAULTS.memory,
    },
    onFailure: options.shell === true ? "shell" : "power off",
  });
}

/** By this machine's pacstrap, in the embedded guest: `vm run -k KERNEL --exec`. */
export function planFromHost(
  { target, script, options, context }: Wanted,
  mirrors: readonly string[],
): InstallPlan {
  const {
    kernel = "",
    pacmanConf,
    accel,
    cpus = NEW_VM_DEFAULTS.cpus,
    memory = NEW_VM_DEFAULTS.memory,
  } = options;
  const { cwd, env } = context;
  checkBootstrapHost({ env, signatures: pacmanConf === undefined ? "required" : "as configured" });
  findQemu({ arch: "x86_64", env });
  const configuration =
    pacmanConf === undefined ? ARCH_PACMAN_CONFIGURATION : readText(resolve(cwd, pacmanConf));
  const shares = mirrors.flatMap((mirror) => {
    const path = mirror.startsWith("file:///") ? dirname(`${mirror.slice(7).replace(/\$.*$/, "")}.`) : "";
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? ["--ro", path] : [];
  });
  return planBootstrap({
    target,
    logs: logFiles(target.name, options, context),
    script,
    pacmanConfiguration: configuration,
    directory: cwd,
    onFailure: options.shell === true ? "shell" : "power off",
    runCommand: ({ command, share, disk, console }) => [
      ...ownBin(),
      "run",
      "-k",
      kernel,
      // The mirrors; by default an embedded guest reaches nobody.
      "--network",
      "user",
      ...(accel === undefined ? [] : ["--accel", accel]),
      "-c",
      cpus,
      "-m",
      memory,
      "--ro",
      share,
      ...shares,
      "--console",
      console,
      "--exec",
      command,
      "--",
      ...disk,
    ],
  });
}

function readText(path: string): string {
  try {
    return readRegularText(path);
  } catch (cause) {
    throw codedError("FILE_UNREADABLE", `${path} can not be read`, { hint: "Check the path.", cause });
  }
}
