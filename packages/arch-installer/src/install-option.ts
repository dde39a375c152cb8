import { CONTROL_CHARACTERS } from "./control-character.js";
import { INSTALL_DEFAULTS, type InstallOptions } from "./install-options.js";

/** An option of the installation: a flag of the command line and a key of the JSON configuration. */
export interface InstallOption {
  /** The key in JSON, and commander's name for the flag's value. */
  readonly key: keyof InstallOptions;
  /** As commander reads them: `--hostname <name>`. */
  readonly flags: string;
  readonly description: string;
  readonly type: "string" | "strings" | "boolean" | "string or true";
  /** What is taken when the option is missing, for the help text and the schema. */
  readonly default?: string | readonly string[] | boolean;
  readonly choices?: readonly string[];
  /** Each string must match all of it. */
  readonly pattern?: string;
  /** What the pattern means, for the person: "letters, digits and hyphens". */
  readonly expected?: string;
}

const NAME = "[a-z_][a-z0-9_-]{0,31}";
/** No blanks, no control characters: what can stand in a line of somebody's configuration file. */
const WORD = `[^\\s${CONTROL_CHARACTERS}]+`;

const OPTIONS: Readonly<Record<keyof InstallOptions, Omit<InstallOption, "key">>> = {
  hostname: {
    flags: "--hostname <name>",
    description: "host name of the virtual machine (required)",
    type: "string",
    pattern:
      "(?=.{1,64}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*",
    expected: "letters, digits and hyphens, at most 64",
  },
  rootDev: {
    flags: "--root-dev <device>",
    description: "disk to partition; everything on it is lost",
    type: "string",
    default: INSTALL_DEFAULTS.rootDev,
    pattern: "/dev/([A-Za-z0-9_:.+-]+/)*[A-Za-z0-9_:.+-]+",
    expected: "a device, such as /dev/vda",
  },
  fs: {
    flags: "--fs <type>",
    description: "root file system",
    type: "string",
    choices: ["ext4", "btrfs", "xfs"],
    default: "ext4",
  },
  mkfsCmd: {
    flags: "--mkfs-cmd <command>",
    description: "command that makes the root file system (default: mkfs and the type)",
    type: "string",
    pattern: `[^${CONTROL_CHARACTERS}]+`,
    expected: "a command on one line",
  },
  partitionTable: {
    flags: "--partition-table <type>",
    description: "partition table (default: mbr for BIOS, else gpt)",
    type: "string",
    choices: ["gpt", "mbr"],
  },
  firmware: {
    flags: "--firmware <type>",
    description: "firmware that boots the disk",
    type: "string",
    choices: ["bios", "uefi", "both"],
    default: INSTALL_DEFAULTS.firmware,
  },
  bootloader: {
    flags: "--bootloader <name>",
    description: "none: for guests that only boot kernels of the host; no kernel is installed either",
    type: "string",
    choices: ["grub", "none"],
    default: INSTALL_DEFAULTS.bootloader,
  },
  pacmanMirrors: {
    flags: "--pacman-mirrors <url...>",
    description: "mirrors, as in pacman's mirrorlist",
    type: "strings",
    default: INSTALL_DEFAULTS.pacmanMirrors,
    pattern: `(https?|ftp|file)://${WORD}`,
    expected: "a URL, such as https://mirror.example/$repo/os/$arch",
  },
  httpProxy: {
    flags: "--http-proxy <url>",
    description: "proxy for all downloads, http and https",
    type: "string",
    pattern: `(https?|socks[45][ah]?)://${WORD}`,
    expected: "a URL, such as http://10.0.2.2:3128",
  },
  proxyExcept: {
    flags: "--proxy-except <hosts>",
    description: "hosts that need no proxy, separated by commas",
    type: "string",
    pattern: WORD,
    expected: "host names, separated by commas",
  },
  packages: {
    flags: "--packages <name...>",
    description: "more packages to install",
    type: "strings",
    pattern: "([a-z0-9-]+/)?[A-Za-z0-9@_+][A-Za-z0-9@._+-]*",
    expected: "the name of a package",
  },
  packageFile: {
    flags: "--package-file <file...>",
    description: "package files to install: the script carries them",
    type: "strings",
  },
  development: {
    flags: "--no-development",
    description: "leave out the compiler, the debugger, perf and the like",
    type: "boolean",
    default: INSTALL_DEFAULTS.development,
  },
  xfstests: {
    flags: "--no-xfstests",
    description: "leave out what xfstests needs",
    type: "boolean",
    default: INSTALL_DEFAULTS.xfstests,
  },
  modulesMounter: {
    flags: "--no-modules-mounter",
    description: "leave out the package that mounts the modules of kernels of the host",
    type: "boolean",
    default: INSTALL_DEFAULTS.modulesMounter,
  },
  locales: {
    flags: "--locales <locale...>",
    description: "locales to generate; the first one is the system's",
    type: "strings",
    default: INSTALL_DEFAULTS.locales,
    pattern: "[A-Za-z0-9_.@-]+",
    expected: "a locale, such as en_US.UTF-8",
  },
  timezone: {
    flags: "--timezone <zone>",
    description: "time zone, such as Europe/Berlin",
    type: "string",
    default: INSTALL_DEFAULTS.timezone,
    pattern: "[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*",
    expected: "a time zone, such as Europe/Berlin",
  },
  rootPasswordFile: {
    flags: "--root-password-file <file>",
    description:
      "file with root's password in its first line (default: the script asks, unless there is a key)",
    type: "string",
  },
  rootPasswordHash: {
    flags: "--root-password-hash <hash>",
    description: "root's password as in /etc/shadow: openssl passwd -6 makes one",
    type: "string",
    pattern: String.raw`\$[A-Za-z0-9./$=,+_-]+`,
    expected: "a hash, such as openssl passwd -6 prints",
  },
  user: {
    flags: "--user <name...>",
    description: "users to create; they may use sudo, and log in with the key",
    type: "strings",
    pattern: NAME,
    expected: "a user name: small letters, digits, _ and -, at most 32",
  },
  sshKey: {
    flags: "--ssh-key <file...>",
    description: "public keys, or files with them, that may log in as root and as the users",
    type: "strings",
  },
  autologin: {
    flags: "--autologin [user]",
    description: "log in on the serial console without asking (as root, if no user is named)",
    type: "string or true",
    pattern: NAME,
    expected: "a user name",
  },
  run: {
    flags: "--run <command...>",
    description: "shell commands to run in the new system at the end",
    type: "strings",
    pattern: String.raw`(?!\s*$)[^\0]+`,
    expected: "a shell command",
  },
  yes: {
    flags: "--yes",
    description: "wipe the disk without asking, whatever is on it",
    type: "boolean",
    default: INSTALL_DEFAULTS.yes,
  },
};

/** All options, in the order of the help text. */
export const INSTALL_OPTIONS: readonly InstallOption[] = Object.entries(OPTIONS).flatMap(([key, option]) =>
  isKey(key) ? [{ ...option, key }] : [],
);

function isKey(key: string): key is keyof InstallOptions {
  return key in OPTIONS;
}
