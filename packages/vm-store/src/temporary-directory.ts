import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_FILE } from "./config.js";
import type { ProcessIdentity } from "./process-identity.js";
import { livenessOf } from "./process-identity.js";

/** The name of the root disk's image in a VM's directory. */
export const ROOT_DISK = "root.qcow2";

/** The name of another disk's image, counted from 1. */
export function moreDisk(number: number): string {
  return `disk${number}.qcow2`;
}

/** A disk that a guest reads at its first boot, in a VM's directory. */
export const SEED_DISK = "seed.img";

/** What an image becomes before it is a disk, while a VM is made of it. */
export const IMPORT_DRAFT = ".image";

/** What an installation keeps in a VM's directory while it works: it is removed before the VM gets its name. */
export const INSTALL_DIRECTORY = ".install";

/**
 * Where a VM is put together before it gets its name: a hidden sibling, so that rename(2) works. `vm create` puts in its own
 * identity; the script of a dry run does not know which process will run it.
 */
export function temporaryName(name: string, owner?: ProcessIdentity): string {
  if (owner === undefined) return `.${name}.new`;
  return `.${name}.new-${owner.pid}-${owner.startTicks}-${owner.boot}-${owner.pidNamespace}`;
}

const OWNED = /^\..+\.new-(\d+)-(\d+)-([0-9a-f]{8})-(\d+)$/s;

function ownerOf(entry: string): ProcessIdentity | undefined {
  const [, pid, startTicks, boot, pidNamespace] = OWNED.exec(entry) ?? [];
  if (boot === undefined) return undefined;
  return { pid: Number(pid), startTicks: Number(startTicks), boot, pidNamespace: Number(pidNamespace) };
}

/**
 * Removes what a creation left that was killed half-way: temporaries of processes that are dead, and the one that the
 * script for `name` leaves. Whatever holds more than a creation makes is somebody else's and stays.
 */
export function removeLeftovers({
  home,
  name,
  self,
}: {
  readonly home: string;
  readonly name: string;
  readonly self: ProcessIdentity;
}): void {
  for (const entry of entriesOf(home)) {
    const owner = ownerOf(entry);
    const isLeftover = owner === undefined ? entry === temporaryName(name) : livenessOf(owner) === "dead";
    if (isLeftover && holdsOnlyACreation(join(home, entry)))
      removeAtomically(join(home, entry), join(home, temporaryName("removed", self)));
  }
}

/** The pid of a living process that is creating, or installing, the VM `name` at this moment; undefined when there is none. */
export function findCreator({
  home,
  name,
}: {
  readonly home: string;
  readonly name: string;
}): number | undefined {
  const own = `.${name}.new-`;
  return entriesOf(home)
    .filter((entry) => entry.startsWith(own) && /^\d+-\d+-[0-9a-f]{8}-\d+$/.test(entry.slice(own.length)))
    .map(ownerOf)
    .find((owner) => owner !== undefined && livenessOf(owner) === "alive")?.pid;
}

/** The hidden entries of the home; none where it does not exist or cannot be read: the creation itself will say so. */
function entriesOf(home: string): string[] {
  try {
    return readdirSync(home).filter((entry) => entry.startsWith("."));
  } catch {
    return [];
  }
}

const CREATED: ReadonlySet<string> = new Set([
  ROOT_DISK,
  SEED_DISK,
  IMPORT_DRAFT,
  CONFIG_FILE,
  INSTALL_DIRECTORY,
]);

function holdsOnlyACreation(directory: string): boolean {
  try {
    return readdirSync(directory).every((entry) => CREATED.has(entry) || /^disk\d+\.qcow2$/.test(entry));
  } catch {
    return false;
  }
}

/**
 * Takes the directory's name away first. Should a script be at work in it after all, its last step, the rename, then fails:
 * it can never give the VM's name to a directory of which half is gone.
 */
function removeAtomically(directory: string, doomed: string): void {
  try {
    renameSync(directory, doomed);
    rmSync(doomed, { recursive: true, force: true });
  } catch {
    // Another creation was faster, or the home is read-only: then the creation itself will say so.
  }
}
