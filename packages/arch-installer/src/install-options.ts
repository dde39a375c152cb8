import type { BootLoader, FileSystem, Firmware, PartitionTable } from "./installation.js";

/** What the command line or a configuration file says; what is missing has its default. */
export interface InstallOptions {
  readonly hostname?: string;
  readonly rootDev?: string;
  readonly fs?: FileSystem;
  readonly mkfsCmd?: string;
  readonly partitionTable?: PartitionTable;
  readonly firmware?: Firmware;
  readonly bootloader?: BootLoader;
  readonly pacmanMirrors?: readonly string[];
  readonly httpProxy?: string;
  readonly proxyExcept?: string;
  readonly packages?: readonly string[];
  readonly packageFile?: readonly string[];
  readonly development?: boolean;
  readonly xfstests?: boolean;
  readonly modulesMounter?: boolean;
  readonly locales?: readonly string[];
  readonly timezone?: string;
  readonly rootPasswordFile?: string;
  readonly rootPasswordHash?: string;
  readonly user?: readonly string[];
  readonly sshKey?: readonly string[];
  readonly autologin?: string | true;
  readonly run?: readonly string[];
  readonly yes?: boolean;
}

/** What the command line says: the options, and a file with more of them. */
export interface InstallArguments extends InstallOptions {
  readonly config?: string;
}

type Defaulted =
  | ("rootDev" | "firmware" | "bootloader" | "pacmanMirrors" | "packages" | "packageFile" | "development")
  | ("xfstests" | "modulesMounter" | "locales" | "timezone" | "user" | "sshKey" | "run" | "yes");

/** What is taken where nothing is said. */
export const INSTALL_DEFAULTS: Required<Pick<InstallOptions, Defaulted>> = {
  rootDev: "/dev/vda",
  firmware: "bios",
  bootloader: "grub",
  pacmanMirrors: ["https://geo.mirror.pkgbuild.com/$repo/os/$arch"],
  packages: [],
  packageFile: [],
  development: true,
  xfstests: true,
  modulesMounter: true,
  locales: ["en_US.UTF-8"],
  timezone: "UTC",
  user: [],
  sshKey: [],
  run: [],
  yes: false,
};
