import { INSTALL_OPTIONS, type InstallArguments } from "@vm/arch-installer";
import type { InstallRequest } from "@vm/operations";
import { checkCpus, checkMemory, checkVmName } from "@vm/vm-store";
import { parseAccelerator, parseDuration } from "../option-values.js";
import { usageError } from "../usage-error.js";
import type { InstallCommandOptions } from "./install-options.js";

/** What is asked for with `vm install NAME [OPTIONS]`. @throws USAGE */
export function installRequest(name: string, options: InstallCommandOptions): InstallRequest {
  checkVmName(name);
  checkOptions(options);
  const { cpus, memory, size, accel, qemu, mirror, timeout, silenceTimeout, keep, shell, log } = options;
  if (cpus !== undefined) checkCpus(cpus);
  if (memory !== undefined) checkMemory(memory);
  return {
    operation: "install",
    vm: name,
    ...(cpus === undefined ? {} : { cpus: Number(cpus) }),
    ...(memory === undefined ? {} : { memory }),
    ...(size === undefined ? {} : { diskSize: size }),
    ...(qemu === undefined ? {} : { qemu }),
    ...(accel === undefined ? {} : { accelerator: parseAccelerator(accel) }),
    from: installedFrom(options),
    ...(mirror === undefined ? {} : { mirror }),
    installation: installationOf(options),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
    ...(silenceTimeout === undefined
      ? {}
      : { silenceMs: parseDuration(silenceTimeout, "--silence-timeout") }),
    afterFailure: [
      ...(keep === true ? (["keep"] as const) : []),
      ...(shell === true ? (["shell"] as const) : []),
    ],
    ...(log === undefined ? {} : { log }),
  };
}

function installedFrom({
  bootstrap,
  kernel = "",
  pacmanConf,
  iso,
  isoKeyring,
}: InstallCommandOptions): NonNullable<InstallRequest["from"]> {
  if (bootstrap === true) {
    return {
      kind: "host",
      kernel,
      ...(pacmanConf === undefined ? {} : { pacmanConfiguration: pacmanConf }),
    };
  }
  return {
    kind: "iso",
    ...(iso === undefined ? {} : { file: iso }),
    ...(isoKeyring === undefined ? {} : { keyring: isoKeyring }),
  };
}

/** What is about the new system itself. */
function installationOf(options: InstallCommandOptions): InstallArguments {
  const keys = ["config", ...INSTALL_OPTIONS.map(({ key }) => key)];
  return Object.fromEntries(Object.entries(options).filter(([key]) => keys.includes(key)));
}

/** What `vm` does itself while and after an installation: the script of a dry run does not. */
const notInScripts: readonly (readonly [key: keyof InstallCommandOptions, flag: string])[] = [
  ["isoKeyring", "--iso-keyring"],
  ["timeout", "--timeout"],
  ["silenceTimeout", "--silence-timeout"],
  ["shell", "--shell"],
  ["keep", "--keep"],
  ["full", "--full"],
];

/** Refuses what means nothing together. */
function checkOptions(options: InstallCommandOptions): void {
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
    if (iso !== undefined) throw usageError("--bootstrap and --iso exclude each other");
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
