import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { codedError, findProgram, findUtilLinux } from "@vm/command-plan";
import { isWithin } from "@vm/host-files";
import { hiddenPlaces, outermost, realPath, type HiddenPlace, type Privacy } from "./hidden-places.js";
import type { HostShare, ShareWay } from "./host-share.js";
import { readMountPoints, type MountPoint } from "./mount-points.js";
import type { ShareView } from "./share-view.js";
import { renderMountTable, type Mount } from "./mount-table.js";

/** What keeps places of the host from the guest: mounts of our own, Landlock, or nothing. */
export type Confinement = "mounts" | "landlock" | "none";

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
    if (confinement !== "mounts") {
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

/**
 * The places that QEMU must not be able to read, as Landlock takes them: in no share that the guest may change, for there
 * it could not read what it makes itself.
 */
export function deniedPlaces(
  shares: readonly HostShare[],
  privacy: Privacy,
  mounts: readonly MountPoint[] = readMountPoints(),
): string[] {
  const real = shares.map((share) => ({ ...share, path: realPath(share.path) }));
  const denied = hiddenPlaces(privacy, mounts).flatMap(({ path }) => (path === "/dev" ? OF_DEV : [path]));
  return denied.filter(
    (place) =>
      !place.includes("\n") &&
      real.some((share) => isInside(place, share.path)) &&
      !real.some((share) => share.access === "read-write" && isInside(place, share.path)) &&
      !real.some((share) => isWithin(share.path, place)),
  );
}

/** QEMU itself needs devices; no guest can open one over 9p. */
const OF_DEV = ["/dev/shm", "/dev/mqueue"];

/**
 * What this process can do over 9p: as root with the right to mount, the tools being there, what it likes. Virtiofsd has a
 * namespace anyway.
 */
export function findConfinement(way: ShareWay["kind"], env: NodeJS.ProcessEnv): Confinement {
  if (way === "virtiofs") return "mounts";
  const canMount = canDropRights(env) && hasCapability(CAP_SYS_ADMIN);
  if (canMount && ["mount", "unshare"].every((name) => findUtilLinux(name, env) !== undefined))
    return "mounts";
  return hasLandlock(env) ? "landlock" : "none";
}

/** Whether the kernel has Landlock and setpriv an option for it, asked without starting it: its help is in its file. */
function hasLandlock(env: NodeJS.ProcessEnv): boolean {
  const setpriv = findProgram("setpriv", env);
  try {
    if (setpriv === undefined || !readFileSync(setpriv).includes("landlock-rule")) return false;
    return readFileSync("/sys/kernel/security/lsm", "utf8").split(",").includes("landlock");
  } catch {
    // No securityfs: try a right that it has no use for.
    const words = ["--nnp", "--landlock-access", "fs:make-char,refer", "--", "true"];
    return (
      setpriv !== undefined && spawnSync(setpriv, words, { timeout: 10_000, stdio: "ignore" }).status === 0
    );
  }
}

/** Whether this is root, who can take rights from QEMU. */
export function canDropRights(env: NodeJS.ProcessEnv): boolean {
  return (
    process.getuid?.() === 0 && hasCapability(CAP_SETPCAP) && findUtilLinux("setpriv", env) !== undefined
  );
}

const CAP_SETPCAP = 8n;
const CAP_SYS_ADMIN = 21n;

/** Asked twice for a share of root's; a process that has started changes nothing about it. */
let effectiveCapabilities: bigint | undefined;

function hasCapability(number: bigint): boolean {
  try {
    effectiveCapabilities ??= readCapabilities();
    return ((effectiveCapabilities >> number) & 1n) === 1n;
  } catch {
    return false;
  }
}

function readCapabilities(): bigint {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return effective === undefined ? 0n : BigInt(`0x${effective}`);
}
