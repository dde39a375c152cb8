import { lstatSync, realpathSync, statSync, type Stats } from "node:fs";
import { codedError } from "@vm/command-plan";
import { isWithin } from "@vm/host-files";
import { readMountPoints, type MountPoint } from "./mount-points.js";
import { PASSWORD_FILES, secretPlaces, SYSTEM_PLACES } from "./secret-places.js";

/** What of the host a guest must not see in a share that contains it. */
export interface HiddenPlace {
  /** Absolute, with no link in it. */
  readonly path: string;
  /** `passwords`: the guest gets the file with the passwords taken out. */
  readonly kind: "directory" | "file" | "passwords";
  /** Whom it belongs to, as options of tmpfs. */
  readonly owner: { readonly uid: number; readonly gid: number; readonly mode: number };
}

/** What differs from the list of docs/config.md. All paths are absolute. */
export interface Privacy {
  /** Hidden as well. */
  readonly hide?: readonly string[];
  /** Not hidden: such a place, or one that has such places in it. */
  readonly expose?: readonly string[];
  /** Default: ours. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * What is there and to be hidden, wherever in these mounts it is to be seen; of two places, one in the other, the outer one.
 * Reads the host's directories.
 */
export function hiddenPlaces(privacy: Privacy, mounts: readonly MountPoint[]): HiddenPlace[] {
  const { hide = [], expose = [], env = process.env } = privacy;
  const exposed = expose.map(realPath);
  const candidates = [
    ...SYSTEM_PLACES,
    ...mounts.filter(showsKernel).map(({ path }) => path),
    ...secretPlaces({ env, isRoot: process.getuid?.() === 0 }),
    ...hide,
  ];
  const places = candidates.flatMap((path): HiddenPlace[] => {
    const stat = look(path);
    if (stat === undefined || !(stat.isDirectory() || stat.isFile())) return [];
    const real = realPath(path);
    if (exposed.some((outer) => isWithin(real, outer))) return [];
    const kind = stat.isDirectory() ? "directory" : PASSWORD_FILES.includes(path) ? "passwords" : "file";
    const { uid, gid, mode } = stat;
    return [{ path: real, kind, owner: { uid, gid, mode: mode & 0o7777 } }];
  });
  return outermost([...places, ...aliases(places, mounts)]);
}

/** Without those that lie in another one. */
export function outermost(places: readonly HiddenPlace[]): HiddenPlace[] {
  const unique = new Map(places.map((place) => [place.path, place]));
  return [...unique.values()].filter(({ path }) => !ancestors(path).some((outer) => unique.has(outer)));
}

function ancestors(path: string): string[] {
  const names = path.split("/").slice(1);
  return ["/", ...names.slice(0, -1).map((_, index) => `/${names.slice(0, index + 1).join("/")}`)];
}

/** File systems that show the host's kernel and its processes, and are mounted elsewhere too: in a chroot, for example. */
const KERNEL_TYPES = new Set(
  "proc sysfs devtmpfs devpts mqueue cgroup cgroup2 debugfs tracefs securityfs configfs bpf pstore efivarfs".split(
    " ",
  ),
);

function showsKernel({ path, type }: MountPoint): boolean {
  return KERNEL_TYPES.has(type) && !SYSTEM_PLACES.some((place) => isWithin(path, place));
}

/** @throws `EXPOSE_MEANINGLESS` when nothing at that path would be hidden */
export function checkExposed(path: string, privacy: Privacy): void {
  const real = realPath(path);
  const hidden = hiddenPlaces({ ...privacy, expose: [] }, readMountPoints()).map((place) => place.path);
  if (hidden.some((place) => isWithin(place, real))) return;
  const outer = hidden.find((place) => isWithin(real, place));
  if (outer !== undefined) {
    throw codedError(
      "EXPOSE_MEANINGLESS",
      `${path} is hidden from the guest together with all of ${outer}.`,
      {
        hint: `Expose that: --expose ${outer}`,
      },
    );
  }
  throw codedError("EXPOSE_MEANINGLESS", `nothing at ${path} is hidden from the guest.`, {
    hint: "docs/config.md has the list of what is hidden.",
  });
}

/** The same places where else their file systems are mounted: `/` bound to `/mnt/root` has them once more below it. */
function aliases(places: readonly HiddenPlace[], mounts: readonly MountPoint[]): HiddenPlace[] {
  return places.flatMap((place) => {
    const home = mountOf(place.path, mounts);
    if (home === undefined || KERNEL_TYPES.has(home.type)) return [];
    const inside = below(home.root, place.path.slice(home.path === "/" ? 0 : home.path.length));
    return mounts
      .filter((mount) => mount !== home && mount.device === home.device && isWithin(inside, mount.root))
      .map((mount) => ({
        ...place,
        path: below(mount.path, inside.slice(mount.root === "/" ? 0 : mount.root.length)),
      }))
      .filter(({ path }) => path !== place.path && look(path) !== undefined);
  });
}

/** The mount that a path is in: the last of those at the longest path. */
export function mountOf(path: string, mounts: readonly MountPoint[]): MountPoint | undefined {
  return mounts.reduce<MountPoint | undefined>(
    (best, mount) =>
      isWithin(path, mount.path) && mount.path.length >= (best?.path.length ?? 0) ? mount : best,
    undefined,
  );
}

function below(directory: string, rest: string): string {
  if (rest === "" || rest === "/") return directory;
  return `${directory === "/" ? "" : directory}${rest}`;
}

/** What is there, a link followed; undefined where there is nothing, or nothing that we may look at. */
function look(path: string): Stats | undefined {
  try {
    // The usual case, of nothing there, without an exception.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** With no links in it; as it is where it is not there. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
