import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type World, worldRoot } from "../fixtures/world.mjs";
import { type Outcome, runProgram } from "./vm-home.js";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** Where this checkout is in every world. */
const CHECKOUT_THERE = "/srv/vm";

/** The login name, and the number, of a person in every world who is not root. */
const PERSON = { name: "kim", id: 1000 } as const;

/** The command line that runs another one as that person, with no rights of root's. */
export function asPerson(command: string): string {
  return `setpriv --reuid=${PERSON.id} --regid=${PERSON.id} --clear-groups ${command}`;
}

/** The `vm` of this checkout, to stand in a shell's command line in a world: its Node is the world's own. */
export const VM_THERE = `node ${CHECKOUT_THERE}/apps/cli/bin/vm.cjs`;

/**
 * Makes a world in a mount namespace of its own, `$1` being its root (empty: this machine's), and runs a shell script in it.
 * pivot_root and not chroot: unshare(1) and virtiofsd's sandbox want / to be a mount. What is written is in memory and gone
 * with the namespace; on this machine that holds for /srv, /mnt and /etc/passwd alone. The host's /proc, /sys and /dev are
 * there as on every host: an empty /proc would hide faults.
 */
const ENTER = `set -eu
root=$1 place=$2 script=$3
shift 3
if [ -n "$root" ]; then
  mount -t tmpfs -o mode=755 world "$place"
  mkdir "$place/upper" "$place/work" "$place/root"
  mount -t overlay -o "lowerdir=$root,upperdir=$place/upper,workdir=$place/work" world "$place/root"
  new=$place/root
else
  new=
fi
mount -t tmpfs -o mode=755 srv "$new/srv"
mount -t tmpfs -o mode=755 mnt "$new/mnt"
while [ $# -gt 0 ]; do
  if [ -d "$1" ]; then mkdir "$new/srv/$2"; else touch "$new/srv/$2"; fi
  mount --rbind "$1" "$new/srv/$2"
  shift 2
done
sed '/^${PERSON.name}:/d; /:x:${PERSON.id}:/d' "$new/etc/passwd" > "$new/srv/passwd"
echo '${PERSON.name}:x:${PERSON.id}:${PERSON.id}::/srv/home:/bin/sh' >> "$new/srv/passwd"
mount --bind "$new/srv/passwd" "$new/etc/passwd"
install -d -o ${PERSON.id} -g ${PERSON.id} "$new/srv/home"
if [ -n "$new" ]; then
  for name in proc sys dev; do mount --rbind "/$name" "$new/$name"; done
  mkdir "$new/.old"
  cd "$new"
  pivot_root . .old
  cd /
  umount -l /.old
  rmdir /.old
fi
cd /
exec sh -c "$script"
`;

/**
 * Runs a shell script in a world, as its root. Needs root.
 * @param script has `/srv/vm` (this checkout), `vm` of it as `VM_THERE`, an empty /mnt to mount things in, and /srv/NAME for
 *   each of `files`
 * @param options `files`: directories and files of this machine, by the name that they get below /srv
 */
export async function inWorld(
  world: World,
  script: string,
  { files = {} }: { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const place = mkdtempSync(join(tmpdir(), "vm-world-"));
  const root = world === "this machine" ? "" : await worldRoot(world);
  const node = world === "this machine" ? { node: process.execPath } : {};
  const all = Object.entries({ vm: CHECKOUT, ...node, ...files }).flatMap(([name, path]) => [path, name]);
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const environment = [
    `PATH=${world === "this machine" ? `/srv:${path}` : path}`,
    "HOME=/root",
    "LANG=C.UTF-8",
  ];
  const enter = ["sh", "-c", ENTER, "sh", root, place, script, ...all];
  try {
    return await runProgram([
      "unshare",
      "--mount",
      "--propagation=private",
      "env",
      "-i",
      ...environment,
      ...enter,
    ]);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
