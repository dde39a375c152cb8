import { join } from "node:path";
import { MSIZE } from "./bootstrap.js";
import type { Share } from "./guest.js";
import type { KernelOptions } from "./kernel-facts.js";
import type { Mount } from "./mount-table.js";

/** Mounted only when the kernel is known to have it: a failing mount costs a line on the console. */
const EXTRAS: readonly (readonly [option: string, mount: Mount])[] = [
  [
    "CONFIG_UNIX98_PTYS",
    { source: "devpts", target: "/dev/pts", type: "devpts", options: "gid=5,mode=620,ptmxmode=666" },
  ],
  [
    "CONFIG_CGROUPS",
    { source: "cgroup2", target: "/sys/fs/cgroup", type: "cgroup2", options: "nosuid,nodev,noexec" },
  ],
  [
    "CONFIG_DEBUG_FS",
    { source: "debugfs", target: "/sys/kernel/debug", type: "debugfs", options: "nosuid,nodev,noexec" },
  ],
  [
    "CONFIG_TRACING",
    { source: "tracefs", target: "/sys/kernel/tracing", type: "tracefs", options: "nosuid,nodev,noexec" },
  ],
];

/** The tag of the n-th share. */
export function shareTag(index: number): string {
  return `vm-share-${index}`;
}

/** The path in the guest of the modules of a release. */
export function modulesPath(libPath: "/lib" | "/usr/lib", release: string): string {
  return `${libPath}/modules/${release}`;
}

/**
 * What PID 1 mounts in one go, in order. `stage` is a tmpfs with `root` (to be the new root), `upper`, `work` and `run`.
 */
export function embeddedMounts({
  stage,
  kernel,
  shares,
  modules,
}: {
  readonly stage: string;
  readonly kernel: KernelOptions | null;
  readonly shares: readonly Share[];
  /** Where the modules' shares go; null: nowhere. */
  readonly modules: { readonly path: string; readonly index: "shared" | "none" } | null;
}): Mount[] {
  const extras = EXTRAS.filter(([option]) => kernel === null || kernel[option] === "y").map(
    ([, mount]) => mount,
  );
  const inside: Mount[] = [
    { source: "proc", target: "/proc", type: "proc", options: "nosuid,nodev,noexec" },
    { source: "sysfs", target: "/sys", type: "sysfs", options: "nosuid,nodev,noexec" },
    { source: "devtmpfs", target: "/dev", type: "devtmpfs", options: "mode=0755,nosuid" },
    { source: `${stage}/run`, target: "/run", type: "none", options: "bind" },
    { source: "tmpfs", target: "/dev/shm", type: "tmpfs", options: "mode=1777,nosuid,nodev" },
    ...extras,
    ...moduleMounts(modules),
    ...shares.map((share, index) => shareMount(share, shareTag(index))),
  ];
  const overlay: Mount = {
    source: "overlay",
    target: `${stage}/root`,
    type: "overlay",
    options: `lowerdir=/,upperdir=${stage}/upper,workdir=${stage}/work`,
  };
  return [
    overlay,
    ...inside.map((mount) => ({
      ...mount,
      source:
        mount.type === "none" && mount.target !== "/run" ? join(`${stage}/root`, mount.source) : mount.source,
      target: join(`${stage}/root`, mount.target),
    })),
  ];
}

/** The guest's contract: `modules` on `build`, `kernel` the same, `modules-index` on `index`. */
function moduleMounts(modules: { readonly path: string; readonly index: "shared" | "none" } | null): Mount[] {
  if (modules === null) return [];
  const on = (name: string): string => `${modules.path}/${name}`;
  const build: Mount = {
    source: "modules",
    target: on("build"),
    type: "9p",
    options: ninePOptions("read-only"),
  };
  const index: Mount = { ...build, source: "modules-index", target: on("index") };
  const kernel: Mount = { source: on("build"), target: on("kernel"), type: "none", options: "bind" };
  return modules.index === "shared" ? [build, kernel, index] : [build, kernel];
}

function shareMount({ path, access }: Share, tag: string): Mount {
  return { source: tag, target: path, type: "9p", options: ninePOptions(access) };
}

/** What is written must be seen by the host at once, and mmap must work: `mmap` caches no write. */
function ninePOptions(access: "read-only" | "read-write"): string {
  const cache = access === "read-only" ? "ro,cache=loose" : "rw,cache=mmap";
  return `${cache},nosuid,nodev,trans=virtio,version=9p2000.L,msize=${MSIZE}`;
}
