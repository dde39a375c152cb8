import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { codedError } from "@vm/command-plan";
import { isUtilLinux } from "../qemu/program.js";
import {
  hiddenPlaces,
  isWithin,
  outermost,
  realPath,
  type HiddenPlace,
  type Privacy,
} from "./hidden-places.js";
import type { HostShare, ShareWay } from "./host-share.js";
import { readMountPoints, type MountPoint } from "./mount-points.js";
import { renderMountTable, type Mount } from "./mount-table.js";

/**
 * A share of which the guest must not see all, or may not write all: what QEMU or virtiofsd gets in its place is a view of
 * it, in a mount namespace of their own. See guest/vm-view.
 */
export interface ShareView {
  /** The share's. */
  readonly id: string;
  /** What is shared: absolute, with no link in it. */
  readonly source: string;
  /** Where the view is. */
  readonly place: string;
  /** fstab(5) of what is mounted in the view. */
  readonly table: string;
}

/** Who can keep places of the host from the guest: the kernel, by mounts of our own; or nobody. */
export type Confinement = "mounts" | "none";

/**
 * Where QEMU's views are mounted, over a directory that every kernel has and QEMU has no use for. It must be one that is
 * there: nobody would be left to remove another.
 */
export const QEMU_VIEWS = "/proc/fs";
/** The same for a virtiofsd, which has no use for /run either. */
const DAEMON_VIEWS = "/run";

/** The views of these shares; none where nothing is to be hidden in them. Reads the host's directories and mounts. */
export function planViews(
  shares: readonly HostShare[],
  {
    way,
    privacy,
    confinement,
    mounts = readMountPoints(),
  }: {
    readonly way: ShareWay["kind"];
    readonly privacy: Privacy;
    readonly confinement: Confinement;
    readonly mounts?: readonly MountPoint[];
  },
): ShareView[] {
  if (shares.length === 0) return [];
  const real = shares.map((share) => ({ ...share, path: realPath(share.path) }));
  const places = hiddenPlaces(privacy, mounts);
  return real.flatMap((share): ShareView[] => {
    const readOnly = real.filter((other) => isReadOnlyWithin(other, share));
    const hidden = outermost([...places, ...readOnly.map(asHidden)]).filter((place) =>
      isInside(place.path, share.path),
    );
    if (confinement === "none") {
      const [first] = readOnly;
      if (first !== undefined) throw nestedReadOnly(first.path, share.path);
      return [];
    }
    if (hidden.length === 0) return [];
    const base = way === "9p" ? QEMU_VIEWS : DAEMON_VIEWS;
    const place = `${base}/${way === "9p" ? share.id : "share"}`;
    const covers = hidden.map((each) =>
      cover(each, { base, target: place + each.path.slice(rootLength(share.path)) }),
    );
    return [{ id: share.id, source: share.path, place, table: renderMountTable(covers) }];
  });
}

/** Its own share shows it to the guest; here it would be writable. */
function isReadOnlyWithin(inner: HostShare, outer: HostShare): boolean {
  return inner.access === "read-only" && outer.access === "read-write" && isInside(inner.path, outer.path);
}

function asHidden({ path }: HostShare): HiddenPlace {
  return { path, kind: "directory", owner: { uid: 0, gid: 0, mode: 0o755 } };
}

function isInside(path: string, outer: string): boolean {
  return path !== outer && isWithin(path, outer);
}

function rootLength(path: string): number {
  return path === "/" ? 0 : path.length;
}

function cover(
  { kind, owner, path }: HiddenPlace,
  { base, target }: { base: string; target: string },
): Mount {
  if (kind !== "directory") return bind(`${base}/${fileCover(kind, basename(path))}`, target);
  const { uid, gid, mode } = owner;
  const whose = process.getuid?.() === 0 ? `,uid=${uid},gid=${gid}` : "";
  const options = `ro,nosuid,nodev,noexec,size=4k,mode=${mode.toString(8).padStart(4, "0")}${whose}`;
  return { source: "vm-hidden", target, type: "tmpfs", options };
}

/** See `make_covers` of guest/vm-hide. */
function fileCover(kind: HiddenPlace["kind"], name: string): string {
  return kind === "passwords" && (name === "shadow" || name === "gshadow") ? name : "empty";
}

function bind(source: string, target: string): Mount {
  return { source, target, type: "none", options: "bind" };
}

function nestedReadOnly(inner: string, outer: string): Error {
  return codedError(
    "SHARES_CONFLICT",
    `${inner} is shared for reading inside of ${outer}, which the guest may change.`,
    {
      hint: "Over 9p only root can keep it from changing: share over virtiofs (--share virtiofs), or name directories that do not contain each other.",
    },
  );
}

/** What this process can do: as root with the right to mount, the tools being there. Virtiofsd has a namespace anyway. */
export function findConfinement(way: ShareWay["kind"], env: NodeJS.ProcessEnv): Confinement {
  if (way === "virtiofs") return "mounts";
  const canMount = process.getuid?.() === 0 && hasCapability(CAP_SYS_ADMIN);
  return canMount && ["mount", "setpriv", "unshare"].every((name) => isUtilLinux(name, env))
    ? "mounts"
    : "none";
}

const CAP_SYS_ADMIN = 21n;

function hasCapability(number: bigint): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return effective !== undefined && ((BigInt(`0x${effective}`) >> number) & 1n) === 1n;
  } catch {
    return false;
  }
}
