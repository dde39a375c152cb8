import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";

/** What the script calls and what would touch this machine. */
const TOOLS = [
  ..."arch-chroot findmnt genfstab hwclock lsblk mkfs.btrfs mkfs.ext4 mkfs.fat mkfs.xfs mount mountpoint".split(
    " ",
  ),
  ..."pacman pacman-conf pacman-key pacstrap sfdisk systemctl udevadm umount wipefs curl openssl date gpgconf ln chroot base64 rm tar".split(
    " ",
  ),
];

/**
 * Every tool: notes its arguments and, when it is no terminal, its input; fails when its words contain FAKE_FAIL; else plays its
 * part: what is mounted, which files pacstrap brings, what FAKE_... says of the clock and the keyring.
 */
const FAKE = `#!/bin/sh
name=\${0##*/}
words="$name $*"
{ printf '%s\\0' "$name" "$@"; printf '\\n\\0'; } >> "$FAKE_DIRECTORY/calls"
case $words in
  *"\${FAKE_FAIL:-nothing fails}"*)
    echo "$name: this is the failure" >&2
    exit 9
    ;;
esac
case $words in
  "lsblk "*TYPE,MOUNTPOINT*) echo "\${FAKE_DEVICES:-disk}" ;;
  "mountpoint "*) [ -e "$FAKE_DIRECTORY/mounted" ] || exit 1 ;;
  "findmnt "*) cat "$FAKE_DIRECTORY/mounted" ;;
  "mount "*/mnt) echo "$1" > "$FAKE_DIRECTORY/mounted" ;;
  "umount "*) /bin/rm "$FAKE_DIRECTORY/mounted" ;;
  "wipefs --noheadings "*) cat "$FAKE_DIRECTORY/signatures" 2> /dev/null || true ;;
  mkfs.*) find /mnt -mindepth 1 -delete ;;
  "pacman-conf "*) printf '%s\\n' "\${FAKE_SIGNATURES:-PackageNever}" DatabaseOptional ;;
  "systemctl show "*) echo "\${FAKE_KEYRING_SERVICE:-inactive}" ;;
  "systemctl --quiet is-enabled "*) exit 1 ;;
  "openssl "*) if [ -n "$REAL_OPENSSL" ]; then exec "$REAL_OPENSSL" "$@"; else exit 1; fi ;;
  "pacman "*--print*)
    mkdir -p /run/arch-install/sync
    case " $* " in *" \${FAKE_UNKNOWN:-none} "*) echo "error: target not found: $FAKE_UNKNOWN" >&2; exit 1 ;; esac
    ;;
  "curl "*) if [ -n "$FAKE_DATE" ]; then printf %s "$FAKE_DATE"; else exit 6; fi ;;
  "date "*--set*) ;;
  "date "*) exec /bin/date "$@" ;;
  "ln "*) exec /bin/ln "$@" ;;
  "base64 "*) exec /usr/bin/base64 "$@" ;;
  "rm "*) exec /bin/rm "$@" ;;
  "tar "*) exec /bin/tar "$@" ;;
  "pacstrap "*)
    cd /mnt
    mkdir -p var/lib/pacman/sync
    touch var/lib/pacman/sync/arch-install.db
    mkdir -p etc/default etc/sudoers.d etc/sysctl.d etc/systemd/network usr/share/zoneinfo/Europe root
    touch usr/share/zoneinfo/UTC usr/share/zoneinfo/Europe/Berlin
    printf '#%s  \\n' 'C.UTF-8 UTF-8' 'de_DE.UTF-8 UTF-8' 'en_US.UTF-8 UTF-8' 'en_USxUTF-8 UTF-8' > etc/locale.gen
    ;;
  "chroot "*chpasswd*) cat > "$FAKE_DIRECTORY/chpasswd" ;;
  "genfstab "*)
    printf 'UUID=1 / ext4 rw,relatime 0 1\\n'
    printf 'UUID=2\\t/efi\\tvfat\\trw,relatime,fmask=0022,codepage=437,iocharset=ascii,shortname=mixed,utf8\\t0 2\\n'
    ;;
esac
`;

/**
 * /etc can be written there, /mnt is an empty directory that outlives a run; both are nobody else's. A copy of /etc, for where
 * the root is an overlay itself (as in a container), overlayfs takes no more of it; what only root may read is not needed.
 */
const ENTER = `set -e
mount -t tmpfs none "$FAKE_DIRECTORY/etc"
cp --recursive --no-dereference --preserve=mode /etc/. "$FAKE_DIRECTORY/etc" 2>/dev/null || true
mount --bind "$FAKE_DIRECTORY/etc" /etc
mkdir -p /etc/pacman.d/gnupg
touch /etc/pacman.d/gnupg/old-key
mount -t tmpfs none /run
mkdir -p "/run/\${FAKE_RUN:-nothing}"
mount --bind "$FAKE_DIRECTORY/mnt" /mnt
export PATH="$FAKE_DIRECTORY/bin:$PATH"
exec "$@"
`;

export interface LiveRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A live system in which nothing real can happen: every tool that installs is a fake one. */
export interface LiveSystem {
  /** A file that stands for the disk. */
  readonly device: string;
  /** Runs a program there, with no terminal. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): LiveRun;
  /** Puts the disk into the state of one that is not blank. */
  fillDisk(): void;
  /** The words of every call of a tool, in order. */
  calls(): readonly (readonly string[])[];
  /** A file of the new system. */
  readFile(path: string): string;
  /** What chpasswd(8) was given to read. */
  password(): string;
  remove(): void;
}

export interface RunOptions {
  /** Words that a call of a tool must contain to fail. */
  readonly failOn?: string;
  readonly input?: string;
  /** `FAKE_DEVICES`, `FAKE_SIGNATURES`, `FAKE_KEYRING_SERVICE`, `FAKE_DATE`, `FAKE_RUN`, `FAKE_UNKNOWN`, `REAL_OPENSSL`: see the fake tool. */
  readonly environment?: Readonly<Record<string, string>>;
}

export function createLiveSystem(): LiveSystem {
  const directory = mkdtempSync(join(tmpdir(), "arch-installer-"));
  const devices = mkdtempSync("/dev/shm/arch-installer-");
  const device = join(devices, "disk");
  const realMount = spawnSync("sh", ["-c", "command -v mount"], { encoding: "utf8" }).stdout.trim();
  for (const name of ["bin", "mnt", "etc"]) mkdirSync(join(directory, name));
  writeFileSync(join(directory, "bin/fake"), FAKE);
  chmodSync(join(directory, "bin/fake"), 0o755);
  for (const tool of TOOLS) symlinkSync("fake", join(directory, "bin", tool));
  for (const file of [device, `${device}1`, `${device}2`, `${device}3`]) writeFileSync(file, "");
  const enter = ENTER.replaceAll(/^mount /gm, `${realMount} `);

  return {
    device,
    run: (argv, { failOn = "", input = "", environment = {} } = {}) =>
      spawnSync("unshare", ["--mount", "--map-root-user", "sh", "-c", enter, "sh", ...argv], {
        encoding: "utf8",
        input,
        env: { ...process.env, FAKE_DIRECTORY: directory, FAKE_FAIL: failOn, ...environment },
      }),
    fillDisk: () => writeFileSync(join(directory, "signatures"), "dos\n"),
    calls: () =>
      (existsSync(join(directory, "calls")) ? readFileSync(join(directory, "calls"), "utf8") : "")
        .split("\0\n\0")
        .filter((call) => call !== "")
        .map((call) => call.split("\0")),
    readFile: (path) => readFileSync(join(directory, "mnt", path), "utf8"),
    password: () => readFileSync(join(directory, "chpasswd"), "utf8"),
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
      rmSync(devices, { recursive: true, force: true });
    },
  };
}
