import { resolve } from "node:path";
import { INSTALL_OPTIONS, type InstallOption } from "./install-option.js";
import { INSTALL_DEFAULTS, type InstallArguments, type InstallOptions } from "./install-options.js";
import { checkInstallation } from "./installation-check.js";
import { findLocale } from "./locale.js";
import type { FileSystem, Installation, LocalPackage, RootPassword } from "./installation.js";
import { modulesMounterPackage } from "./modules-mounter-package.js";
import { checkOption, invalid } from "./option-check.js";
import { isTimeZone, timeZoneLike } from "./time-zone.js";
import { readConfig, readLocalPackage, readRootPassword, readSshKeys } from "./option-file.js";

/**
 * Makes the installation of what a person wrote: the command line goes before the configuration file, which goes before the
 * defaults. The files that the options name are read here. Relative paths are below `cwd`; those in a configuration file
 * are below the directory of that file.
 * @throws `INSTALL_OPTION_INVALID`; `INSTALL_FILE_UNREADABLE` for a file that cannot be read
 */
export async function readInstallation(
  { config, ...given }: InstallArguments,
  {
    cwd,
    hostname: defaultHostname,
  }: {
    readonly cwd: string;
    /** Where nobody says one. */
    readonly hostname?: string;
  },
): Promise<Installation> {
  const fromFile = config === undefined ? undefined : readConfig(resolve(cwd, config));
  const commandLine = checkGiven(given);
  const options = { ...INSTALL_DEFAULTS, ...fromFile?.options, ...commandLine };
  /** The directory that the paths in an option are below. */
  const base = (key: keyof InstallOptions): string =>
    fromFile === undefined || commandLine[key] !== undefined ? cwd : fromFile.directory;

  const {
    hostname = defaultHostname,
    rootDev,
    firmware,
    bootloader,
    mkfsCmd,
    httpProxy,
    proxyExcept,
    autologin,
  } = options;
  if (hostname === undefined) {
    throw invalid("hostname: it is missing", { hint: "For example: arch-install --hostname testvm" });
  }
  const sshKeys = options.sshKey.flatMap((key) => readSshKeys(key, base("sshKey")));
  const files: LocalPackage[] = [];
  for (const file of options.packageFile)
    files.push(await readLocalPackage(resolve(base("packageFile"), file)));
  const installation: Installation = {
    hostname,
    rootDev,
    partitionTable: options.partitionTable ?? (firmware === "bios" ? "mbr" : "gpt"),
    firmware,
    bootloader,
    fs: fileSystemOf(options),
    ...(mkfsCmd === undefined ? {} : { mkfsCmd }),
    pacmanMirrors: options.pacmanMirrors,
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(proxyExcept === undefined ? {} : { proxyExcept }),
    packages: options.packages,
    development: options.development,
    xfstests: options.xfstests,
    localPackages: [...(options.modulesMounter ? [await modulesMounterPackage()] : []), ...files],
    locales: [...new Set(options.locales.map((locale) => findLocale(locale)?.name ?? locale))],
    timezone: options.timezone,
    rootPassword: rootPasswordOf(options, base("rootPasswordFile"), sshKeys),
    users: options.user,
    sshKeys,
    ...(autologin === undefined ? {} : { autologin: autologin === true ? "root" : autologin }),
    commands: options.run,
    wipe: options.yes ? "always" : "ask",
  };
  checkInstallation(installation);
  checkTimeZone(installation.timezone);
  return installation;
}

/** What is really there: a key without a value must not hide the configuration file's. */
function checkGiven(given: InstallOptions): InstallOptions {
  const present = INSTALL_OPTIONS.filter(({ key }) => given[key] !== undefined);
  for (const option of present) checkOption(option, given[option.key], flagOf(option));
  return Object.fromEntries(present.map(({ key }) => [key, given[key]]));
}

function flagOf({ flags }: InstallOption): string {
  return flags.split(" ", 1)[0] ?? flags;
}

/** Here and not where scripts are rendered: which zones there are depends on the machine. */
function checkTimeZone(zone: string): void {
  if (isTimeZone(zone)) return;
  const like = timeZoneLike(zone);
  throw invalid(`timezone: there is no time zone ${zone}`, {
    hint:
      like === undefined
        ? "Zones are files below /usr/share/zoneinfo, such as Europe/Berlin. One that is newer than this machine: leave --timezone out, and set it with --run."
        : `Did you mean ${like}?`,
  });
}

/** `mkfs.xfs -m reflink=0` says the file system too, and nothing else may be said besides. */
function fileSystemOf({ fs, mkfsCmd = "" }: InstallOptions): FileSystem {
  const found = /\bmkfs\.(ext4|btrfs|xfs)\b/.exec(mkfsCmd)?.[1];
  if (fs !== undefined && found !== undefined && found !== fs) {
    throw invalid(`fs: it is ${fs}, and mkfsCmd makes ${found}`, { hint: "Leave --fs or --mkfs-cmd out." });
  }
  return fs ?? (found === "btrfs" || found === "xfs" ? found : "ext4");
}

function rootPasswordOf(
  { rootPasswordFile, rootPasswordHash }: InstallOptions,
  directory: string,
  sshKeys: readonly string[],
): RootPassword {
  if (rootPasswordFile !== undefined && rootPasswordHash !== undefined) {
    throw invalid("rootPasswordFile: there is a rootPasswordHash too", { hint: "Leave one of them out." });
  }
  if (rootPasswordFile !== undefined) {
    return { kind: "plain", password: readRootPassword(resolve(directory, rootPasswordFile)) };
  }
  if (rootPasswordHash !== undefined) return { kind: "hash", hash: rootPasswordHash };
  return sshKeys.length > 0 ? { kind: "locked" } : { kind: "ask" };
}
