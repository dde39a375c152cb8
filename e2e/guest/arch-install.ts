import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pacmanConfiguration } from "../fixtures/arch-repository.mjs";
import { cacheHome } from "../fixtures/cache.mjs";
import { HOST_NAME } from "../fixtures/debian-root.mjs";
import type { World } from "../fixtures/world.mjs";
import { type Outcome, runProgram } from "./vm-home.js";
import { inWorld } from "./world.js";

const BIN = fileURLToPath(new URL("../../packages/arch-installer/bin/arch-install.cjs", import.meta.url));

/** The command line of this checkout's `arch-install`. The host name is the one that `login` waits for. */
export function archInstall(...options: readonly string[]): [string, ...string[]] {
  return [process.execPath, BIN, "--hostname", HOST_NAME, ...options];
}

/** The same in a world that is not this machine. */
export const ARCH_INSTALL_THERE: readonly string[] = [
  "node",
  "/srv/vm/packages/arch-installer/bin/arch-install.cjs",
  "--hostname",
  HOST_NAME,
];

/** The script that `arch-install` prints. @throws when it prints none */
export async function dryRun(...options: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runProgram([...archInstall(...options), "--dry-run"]);
  if (status !== 0) throw new Error(`arch-install --dry-run failed (${status}): ${stderr}`);
  return stdout;
}

/**
 * A disk on this machine, as a loop device, and a live system to install it from: this machine with pacman's configuration for
 * the test's repository, in a mount namespace of its own. Needs root.
 */
export interface HostInstallation {
  /** `/dev/loop0` or the like. */
  readonly device: string;
  /** For the root file system, to be given by `--mkfs-cmd`: what udev would tell lsblk(8) and grub-mkconfig of it. */
  readonly uuid: string;
  /** The image behind it. */
  readonly image: string;
  /**
   * Runs programs one after the other in one live system; the status is that of the last one, the others may fail.
   * `tools`: shell scripts that stand in front of the real programs of their names.
   */
  run(programs: readonly (readonly string[])[], tools?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Mounts a partition somewhere and runs a shell script there, which must succeed: its output. */
  inspect(script: string): Promise<string>;
  remove(): Promise<void>;
}

/**
 * The kernel of a host need not read partition tables of loop devices by itself, and where there is no udev nobody notes
 * what is on them.
 */
function sfdisk(uuid: string): string {
  return `PATH=\${PATH#*:}
sfdisk --no-reread --no-tell-kernel "$@" || exit
for device; do :; done
partx --delete "$device" 2> /dev/null
partx --add "$device" || exit
mkdir -p /run/udev/data
printf 'E:ID_FS_UUID_ENC=${uuid}\\nE:ID_FS_UUID=${uuid}\\nE:ID_FS_USAGE=filesystem\\n' \\
  > "/run/udev/data/b$(cat "/sys/class/block/\${device#/dev/}p1/dev")"
`;
}

export async function createHostInstallation({
  size,
  kernel,
  world = "this machine",
}: {
  readonly size: string;
  /** Whose programs install. Another one than this machine finds the cache's fixtures in /srv/fixtures. */
  readonly world?: World;
  /** The repository that `linux` comes from. */
  readonly kernel: "kernel" | "cloud";
}): Promise<HostInstallation> {
  const directory = mkdtempSync(join(tmpdir(), "vm-install-"));
  const uuid = randomUUID();
  const image = join(directory, "disk.raw");
  writeFileSync(join(directory, "pacman.conf"), pacmanConfiguration({ kernel }));
  await succeed(["truncate", "-s", size, image]);
  const device = (await succeed(["losetup", "--find", "--show", image])).trim();
  const partition = `${device}p1`;
  const link = `/dev/disk/by-uuid/${uuid}`;
  const place = world === "this machine" ? directory : "/srv/installation";
  const enter = `set -e
mount --make-rprivate /
mount --bind '${place}/pacman.conf' /etc/pacman.conf
mkdir -p /etc/pacman.d
mount -t tmpfs none /etc/pacman.d
mkdir -p /run/udev /dev/disk/by-uuid
mount -t tmpfs none /run/udev
ln -sf '${partition}' '${link}'
PATH='${place}/tools':$PATH
`;

  return {
    device,
    uuid,
    image,
    run: async (programs, tools = {}) => {
      const own = join(directory, "tools");
      rmSync(own, { recursive: true, force: true });
      mkdirSync(own);
      for (const [name, text] of Object.entries({ sfdisk: sfdisk(uuid), ...tools })) {
        writeFileSync(join(own, name), `#!/bin/sh\n${text}`);
        chmodSync(join(own, name), 0o755);
      }
      const lines = programs.map((words) =>
        words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" "),
      );
      const last = lines.pop() ?? "true";
      const script = `${enter}set +e\n${lines.join("\n")}\n${last}\n`;
      if (world === "this machine") return runProgram(["unshare", "--mount", "sh", "-c", script]);
      const fixtures = join(cacheHome(), "fixtures");
      return inWorld(world, `umount /mnt\n${script}`, { files: { installation: directory, fixtures } });
    },
    inspect: (script) => {
      const mount = `mount -o ro '${partition}' /mnt && cd /mnt && `;
      return succeed(["unshare", "--mount", "sh", "-ec", `${mount}{\n${script}\n}`]);
    },
    remove: async () => {
      rmSync(link, { force: true });
      // The kernel lets go of a mount namespace a moment after its last process.
      await succeed(["sh", "-c", DETACH, "sh", device]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const DETACH = `for attempt in 1 2 3 4 5 6 7 8 9 10; do
  [ ! -e "/sys/class/block/\${1#/dev/}p1" ] || partx --delete "$1" && break
  sleep 1
done
losetup --detach "$1"
`;

async function succeed(argv: readonly [string, ...string[]]): Promise<string> {
  const { status, stdout, stderr } = await runProgram(argv);
  if (status !== 0) throw new Error(`${argv.join(" ")} failed (${status}): ${stderr}${stdout}`);
  return stdout;
}
