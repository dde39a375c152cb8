import { join } from "node:path";
import { codedError, type Plan } from "@vm/command-plan";
import { readSnapshotNames } from "@vm/vm-store";
import { qemuImg } from "./qemu-img.js";
import type { ChangedVm } from "./change.js";
import { writableImages, type VmImage } from "./disks.js";
import type { Host } from "../host.js";
import { RESTORING_FILE } from "./half-restored.js";
import { inPlace } from "./in-place.js";

/** A moment of all of a VM's disks. */
export interface Snapshot {
  readonly tag: string;
  /** When it was made: ISO 8601, UTC. */
  readonly date: string;
  /** Whether it has the memory of the machine, which ran then, and not its disks alone. */
  readonly hasMemory: boolean;
  /** Images that do not have it: then it cannot be restored. */
  readonly missingOn: readonly string[];
}

/** As qemu-img tells it. */
interface SnapshotInfo {
  readonly name: string;
  readonly "date-sec": number;
  /** Bytes. Of a snapshot with memory one image has it. */
  readonly "vm-state-size": number;
}

/** @throws what `loadConfig` throws; QEMU_IMG_NOT_FOUND, IMAGE_UNREADABLE */
export async function listSnapshots(vm: ChangedVm, host: Host): Promise<Snapshot[]> {
  const images = (await writableImages(vm)).filter(({ header }) => header.format === "qcow2");
  const tags = new Map<string, { date: number; hasMemory: boolean; on: Set<string> }>();
  for (const { path } of images) {
    for (const { name, date, hasMemory } of await snapshotsOf(path, host)) {
      const known = tags.get(name) ?? { date, hasMemory: false, on: new Set() };
      known.on.add(path);
      tags.set(name, { ...known, hasMemory: known.hasMemory || hasMemory });
    }
  }
  return Array.from(tags, ([tag, { date, hasMemory, on }]) => ({
    tag,
    date: new Date(date * 1000).toISOString(),
    hasMemory,
    missingOn: images.filter(({ path }) => !on.has(path)).map(({ name }) => name),
  })).toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

async function snapshotsOf(
  image: string,
  host: Host,
): Promise<{ readonly name: string; readonly date: number; readonly hasMemory: boolean }[]> {
  // Force-share: a VM that runs has its images locked.
  const { exitCode, stdout, stderr } = await qemuImg(["info", "-U", "--output=json", image], host);
  if (exitCode !== 0) {
    throw codedError("IMAGE_UNREADABLE", stderr.trim() || `${image}: qemu-img ended with ${exitCode}`);
  }
  const { snapshots = [] }: { readonly snapshots?: readonly SnapshotInfo[] } = JSON.parse(stdout);
  return snapshots.map((snapshot) => ({
    name: snapshot.name,
    date: snapshot["date-sec"],
    hasMemory: snapshot["vm-state-size"] > 0,
  }));
}

/** One call of qemu-img for each image. @throws what `checkNewSnapshot` throws */
export async function planSnapshot(vm: ChangedVm, { tag }: { readonly tag: string }): Promise<Plan> {
  const images = await checkNewSnapshot(vm, tag);
  return inPlace(
    vm.directory,
    images.map(({ path }) => snapshotWords("-c", tag, path)),
  );
}

/** The images that it will be in; no program is asked. @throws SNAPSHOT_TAG_INVALID, SNAPSHOT_EXISTS, SNAPSHOT_IMPOSSIBLE, and what `loadConfig` throws */
export async function checkNewSnapshot(vm: ChangedVm, tag: string): Promise<VmImage[]> {
  checkTag(tag);
  const images = await snapshotImages(vm);
  if (images.some(({ path }) => readSnapshotNames(path).includes(tag))) {
    throw codedError("SNAPSHOT_EXISTS", `${vm.name} has a snapshot ${JSON.stringify(tag)}`, {
      hint: "Choose another tag; nothing was changed.",
    });
  }
  return images;
}

/** All disks are set back, or it is written down that this is not done yet. @throws SNAPSHOT_NOT_FOUND, SNAPSHOT_IMPOSSIBLE */
export async function planRestore(
  vm: ChangedVm,
  { tag }: { readonly tag: string },
  host: Host,
): Promise<Plan> {
  const { missingOn } = await findSnapshot(vm, tag, host);
  if (missingOn.length > 0) {
    throw codedError(
      "SNAPSHOT_IMPOSSIBLE",
      `the snapshot ${JSON.stringify(tag)} is not on ${missingOn.join(", ")}`,
      {
        hint: "The disk came later, or the snapshot was not finished.",
      },
    );
  }
  const record = join(vm.directory, RESTORING_FILE);
  return [
    { kind: "write-file", path: `${record}-draft`, content: `${tag}\n` },
    { kind: "rename", from: `${record}-draft`, to: record },
    ...inPlace(
      vm.directory,
      (await snapshotImages(vm)).map(({ path }) => snapshotWords("-a", tag, path)),
    ),
    { kind: "remove", path: record },
  ];
}

/** @throws SNAPSHOT_NOT_FOUND */
export async function planSnapshotRemoval(
  vm: ChangedVm,
  { tag }: { readonly tag: string },
  host: Host,
): Promise<Plan> {
  const { missingOn } = await findSnapshot(vm, tag, host);
  const images = (await snapshotImages(vm)).filter(({ name }) => !missingOn.includes(name));
  return inPlace(
    vm.directory,
    images.map(({ path }) => snapshotWords("-d", tag, path)),
  );
}

/** @throws SNAPSHOT_NOT_FOUND, and what `listSnapshots` throws */
export async function findSnapshot(vm: ChangedVm, tag: string, host: Host): Promise<Snapshot> {
  const known = await listSnapshots(vm, host);
  const found = known.find((each) => each.tag === tag);
  if (found !== undefined) return found;
  throw codedError("SNAPSHOT_NOT_FOUND", `${vm.name} has no snapshot ${JSON.stringify(tag)}`, {
    hint: known.length === 0 ? "It has none." : `It has ${known.map((each) => each.tag).join(", ")}.`,
  });
}

function snapshotWords(deed: "-a" | "-c" | "-d", tag: string, path: string): string[] {
  return ["snapshot", "-q", deed, tag, path];
}

/** @throws SNAPSHOT_IMPOSSIBLE where a disk has no place for one */
export async function snapshotImages(vm: ChangedVm): Promise<VmImage[]> {
  const images = await writableImages(vm);
  const raw = images.find(({ header }) => header.format !== "qcow2");
  if (raw !== undefined || images.length === 0) {
    const reason = raw === undefined ? "it has no disk that it can write to" : `${raw.name} is a raw image`;
    throw codedError("SNAPSHOT_IMPOSSIBLE", `${vm.name} can have no snapshots: ${reason}`, {
      hint: "Images of qcow2 hold snapshots: qemu-img convert -O qcow2 makes one of a raw image.",
    });
  }
  return images;
}

/** qemu-img takes what begins with a dash for an option, and a number for one of its own. */
function checkTag(tag: string): void {
  if (/^[^-\s\p{C}][^\p{C}]{0,126}$/u.test(tag) && !/^\d+$/.test(tag) && tag === tag.trim()) return;
  throw codedError("SNAPSHOT_TAG_INVALID", `${JSON.stringify(tag)} cannot be the tag of a snapshot`, {
    hint: "Use a word such as before-upgrade; a number alone is qemu-img's own.",
  });
}
