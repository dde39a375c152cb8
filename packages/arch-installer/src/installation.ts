/** One installation of Arch Linux, as plain data: all that the script depends on. */
export interface Installation {
  readonly hostname: string;
  /** The whole disk, such as `/dev/vda`. Its first partition becomes the root file system. */
  readonly rootDev: string;
  readonly partitionTable: PartitionTable;
  /** What the disk boots by itself with; without a boot loader it says nothing. */
  readonly firmware: Firmware;
  readonly bootloader: BootLoader;
  readonly fs: FileSystem;
  /** The command that makes the root file system, as words; the partition is appended. Default: `mkfs.` and `fs`. */
  readonly mkfsCmd?: string;
  /** As in pacman's mirrorlist: with `$repo` and `$arch`. */
  readonly pacmanMirrors: readonly string[];
  /** Proxy for everything that is downloaded, http and https. */
  readonly httpProxy?: string;
  /** Hosts that are not asked through it, separated by commas. */
  readonly proxyExcept?: string;
  /** Packages of the repositories, besides those that every installation has. */
  readonly packages: readonly string[];
  /** Whether the compiler, the debugger and their like are installed. */
  readonly development: boolean;
  /** Whether what xfstests needs is installed, its user included. */
  readonly xfstests: boolean;
  /** Packages that are in no repository: the script carries them. */
  readonly localPackages: readonly LocalPackage[];
  /** The first one is the system's. */
  readonly locales: readonly string[];
  readonly timezone: string;
  readonly rootPassword: RootPassword;
  /** Users who may become root with sudo. They have no password. */
  readonly users: readonly string[];
  /** Public keys, as lines of authorized_keys, that log in as root and as each of the users. */
  readonly sshKeys: readonly string[];
  /** Who is logged in on the serial console without being asked. */
  readonly autologin?: string;
  /** Shell commands, run as root in the new system at the end. */
  readonly commands: readonly string[];
  /** What happens to a disk that is not blank. */
  readonly wipe: "ask" | "always";
}

export type PartitionTable = "gpt" | "mbr";
export type Firmware = "bios" | "uefi" | "both";
export type BootLoader = "grub" | "none";
export type FileSystem = "ext4" | "btrfs" | "xfs";

export type RootPassword =
  /** The script asks on its terminal. */
  | { readonly kind: "ask" }
  /** The script carries it as it is. */
  | { readonly kind: "plain"; readonly password: string }
  /** As in shadow(5), see crypt(5). */
  | { readonly kind: "hash"; readonly hash: string }
  /** No password opens the account; keys do. */
  | { readonly kind: "locked" };

export interface LocalPackage {
  /** Such as `vm-modules-mounter-1-1-any.pkg.tar.gz`. */
  readonly fileName: string;
  readonly content: Uint8Array;
  /** The `.PKGINFO` in it, as it is. */
  readonly info: string;
}
