import { statSync } from "node:fs";
import { dirname } from "node:path";
import { isWithin } from "@vm/host-files";
import { hiddenPlaces, mountOf, realPath, type Privacy } from "./hidden-places.js";
import { readMountPoints, type MountPoint } from "./mount-points.js";
import { SYSTEM_PLACES } from "./secret-places.js";

/**
 * Where other file systems are mounted below a directory of the host, as absolute paths in that directory, outer ones first.
 * Over virtiofs files of two of them can have the same inode number on what looks like one device.
 */
export function nestedFileSystems(
  root: string,
  privacy: Privacy,
  mounts: readonly MountPoint[] = readMountPoints(),
): string[] {
  const real = realPath(root);
  const hidden = [...SYSTEM_PLACES, ...hiddenPlaces(privacy, mounts).map(({ path }) => path)];
  const paths = mounts
    .filter(({ path }) => path !== real && isWithin(path, real))
    .filter(({ path }) => !hidden.some((place) => isWithin(path, place)))
    .filter((mount) => isOtherFileSystem(mount, mounts) && isDirectory(mount))
    .map(({ path }) => path.slice(real === "/" ? 0 : real.length));
  return [...new Set(paths)].toSorted((a, b) => a.split("/").length - b.split("/").length);
}

/** Subvolumes of btrfs have inode numbers of their own, and one device number in the list of mounts. */
function isOtherFileSystem(mount: MountPoint, mounts: readonly MountPoint[]): boolean {
  return mount.type === "btrfs" || mountOf(dirname(mount.path), mounts)?.device !== mount.device;
}

/** A server that does not answer would keep us for ever. */
const OF_THE_NETWORK = /^(?:nfs4?|cifs|smb3|ceph|9p|afs|glusterfs|fuse\..*)$/;

function isDirectory({ path, type }: MountPoint): boolean {
  if (type === "autofs") return false;
  if (OF_THE_NETWORK.test(type)) return true;
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
