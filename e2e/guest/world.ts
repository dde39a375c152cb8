import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inRoot } from "../fixtures/entered-root.mjs";
import { type World, worldRoot } from "../fixtures/world.mjs";
import { type Outcome, runProgram } from "./vm-home.js";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** Somebody in every world who is not root. */
const PERSON = { name: "kim", id: 1000 };

/** The `vm` of this checkout, to stand in a shell's command line in a world: its Node is the world's own. */
export const VM_THERE = "node /srv/vm/apps/cli/bin/vm.cjs";

/** The command line that runs another one as somebody who has none of root's rights. */
export function asPerson(command: string): string {
  return `setpriv --reuid=${PERSON.id} --regid=${PERSON.id} --clear-groups ${command}`;
}

/** /mnt is empty and in memory, as a place for mounts; one more line of /etc/passwd is not left on this machine either. */
const FURNISH = `set -eu
mount -t tmpfs -o mode=755 mnt /mnt
sed '/^${PERSON.name}:/d; /:x:${PERSON.id}:/d' /etc/passwd > /srv/passwd
echo '${PERSON.name}:x:${PERSON.id}:${PERSON.id}::/srv/home:/bin/sh' >> /srv/passwd
mount --bind /srv/passwd /etc/passwd
install -d -o ${PERSON.id} -g ${PERSON.id} /srv/home
exec sh -c "$1"
`;

/**
 * Runs a shell script in a world, as its root, with a home that is in memory. Needs root.
 * @param script has `/srv/vm` (this checkout), its `vm` as `VM_THERE`, an empty /mnt to mount things in, and /srv/NAME for
 *   each of `files`
 * @param options `files`: directories and files of this machine, by the name that they get below /srv
 */
export async function inWorld(
  world: World,
  script: string,
  { files = {} }: { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const root = world === "this machine" ? undefined : await worldRoot(world);
  return inFurnished(root, script, { files: { vm: CHECKOUT, ...files } });
}

/** The same in any root, where /srv has `files` alone. @param root its absolute path; undefined: this machine's */
export async function inFurnished(
  root: string | undefined,
  script: string,
  { files }: { readonly files: Readonly<Record<string, string>> },
): Promise<Outcome> {
  const all = { ...(root === undefined ? { "bin/node": process.execPath } : {}), ...files };
  const mounts = Object.fromEntries(Object.entries(all).map(([name, path]) => [`/srv/${name}`, path]));
  const environment = [
    "PATH=/srv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/srv/home",
    "LANG=C.UTF-8",
  ];
  const place = mkdtempSync(join(tmpdir(), "vm-world-"));
  const argv = ["env", "-i", ...environment, "sh", "-c", FURNISH, "sh", script];
  try {
    return await runProgram(inRoot(argv, { place, mounts, ...(root === undefined ? {} : { root }) }));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
