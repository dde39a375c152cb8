import type { ShareWay } from "../share/host-share.js";
import type { Mount } from "../share/mount-table.js";
import { MSIZE } from "./bootstrap.js";
import type { Share } from "./guest.js";
import { NEW_ROOT } from "./new-root.js";
import { linkFreePath } from "./root-program.js";

/** The tag of the n-th share. */
export function shareTag(index: number): string {
  return `vm-share-${index}`;
}

/**
 * The directories of `--ro` and `--rw`, in the order in which they are to be mounted. PID 1 would follow an absolute link at its own
 * root, and not at the one that covers it: so targets have no links.
 */
export function shareMounts(shares: readonly Share[], way: ShareWay["kind"], root: string): Mount[] {
  return shares.map((share, index) => {
    const mount = shareMount(share, shareTag(index), way);
    return { ...mount, target: NEW_ROOT + linkFreePath(root, mount.target) };
  });
}

/** The shares of the guest's contract with the kernel's modules, for this release. */
export interface ModuleShares {
  readonly release: string;
  /** What the share `modules` is: the build tree, or an installed kernel's `lib/modules/RELEASE`. */
  readonly layout: "build-tree" | "installed";
  readonly index: "shared" | "none";
}

/**
 * The guest's contract (docs/guest-contract.md), by mounts alone: a build tree on `build` and on `kernel`, an installed
 * directory as it is, each below the files of the index. Null: there are none.
 */
export function moduleMounts(
  stage: string,
  modules: ModuleShares | null,
  way: ShareWay["kind"],
  root: string,
): Mount[] {
  if (modules === null) return [];
  const readOnlyShare = (source: string, target: string): Mount => ({
    source,
    target,
    type: way,
    options: shareOptions(way, "read-only", "none"),
  });
  const path = NEW_ROOT + linkFreePath(root, `/lib/modules/${modules.release}`);
  const plain = `${stage}/plain/modules`;
  const [index, installed] = [`${stage}/index`, `${stage}/installed`];
  const merged = (...directories: readonly string[]): Mount => ({
    source: "overlay",
    target: path,
    type: "overlay",
    options: `lowerdir=${directories.join(":")},X-mount.mkdir`,
  });
  const indexShare = modules.index === "none" ? [] : [readOnlyShare("modules-index", index)];
  if (modules.layout === "installed") {
    return modules.index === "none"
      ? [readOnlyShare("modules", path)]
      : [...indexShare, readOnlyShare("modules", installed), merged(index, installed)];
  }
  return [
    ...indexShare,
    modules.index === "none"
      ? { source: plain, target: path, type: "none", options: "bind,X-mount.mkdir" }
      : merged(plain, index),
    readOnlyShare("modules", `${path}/build`),
    { source: `${path}/build`, target: `${path}/kernel`, type: "none", options: "bind" },
  ];
}

function shareMount({ path, target = path, access }: Share, tag: string, way: ShareWay["kind"]): Mount {
  return { source: tag, target, type: way, options: shareOptions(way, access, "mmap") };
}

/**
 * `none` asks the host at every look, so that a rebuilt module is never a stale one. Shared directories want mmap as well:
 * `mmap` is like `none`, but for that. Over virtiofs the daemon has been told.
 */
function shareOptions(
  way: ShareWay["kind"],
  access: "read-only" | "read-write",
  cache: "mmap" | "none",
): string {
  const mode = access === "read-only" ? "ro" : "rw";
  const ninep = way === "9p" ? `trans=virtio,version=9p2000.L,msize=${MSIZE},cache=${cache},` : "";
  return `${mode},nosuid,nodev,${ninep}X-mount.mkdir`;
}
