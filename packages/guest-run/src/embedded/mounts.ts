import type { KernelOptions } from "@vm/kernel-build";
import { MSIZE } from "./bootstrap.js";
import { linkFreePath } from "./root-program.js";
import type { ShareWay } from "../share/host-share.js";
import type { Share } from "./guest.js";
import type { Mount } from "../share/mount-table.js";

/** Mounted only when the kernel is known to have it: a failing mount costs a line on the console. */
const EXTRAS: readonly (readonly [option: string, mount: Mount])[] = [
  [
    "CONFIG_UNIX98_PTYS",
    {
      source: "devpts",
      target: "/dev/pts",
      type: "devpts",
      options: "gid=5,mode=620,ptmxmode=666,X-mount.mkdir",
    },
  ],
  ["CONFIG_CGROUPS", kernelMount("cgroup2", "/sys/fs/cgroup", "cgroup2")],
  ["CONFIG_DEBUG_FS", kernelMount("debugfs", "/sys/kernel/debug")],
  ["CONFIG_TRACING", kernelMount("tracefs", "/sys/kernel/tracing")],
  ["CONFIG_CONFIGFS_FS", kernelMount("configfs", "/sys/kernel/config")],
  ["CONFIG_SECURITYFS", kernelMount("securityfs", "/sys/kernel/security")],
  ["CONFIG_BPF_SYSCALL", kernelMount("bpf", "/sys/fs/bpf", "bpf", ",mode=0700")],
  ["CONFIG_PSTORE", kernelMount("pstore", "/sys/fs/pstore")],
  ["CONFIG_FUSE_FS", kernelMount("fusectl", "/sys/fs/fuse/connections")],
  ["CONFIG_BINFMT_MISC", kernelMount("binfmt_misc", "/proc/sys/fs/binfmt_misc")],
  ["CONFIG_POSIX_MQUEUE", kernelMount("mqueue", "/dev/mqueue", "mqueue", ",X-mount.mkdir")],
  [
    "CONFIG_HUGETLBFS",
    {
      source: "hugetlbfs",
      target: "/dev/hugepages",
      type: "hugetlbfs",
      options: "nosuid,nodev,X-mount.mkdir",
    },
  ],
];

/** The modules of those that a kernel may have as modules: they make the directory to mount on, so mount(8) cannot ask for them. */
const EXTRA_MODULES: { readonly [option: string]: string } = {
  CONFIG_BINFMT_MISC: "binfmt_misc",
  CONFIG_CONFIGFS_FS: "configfs",
  CONFIG_FUSE_FS: "fuse",
  CONFIG_PSTORE: "pstore",
};

/** The options of `.config` that decide about a mount. */
export const MOUNT_OPTIONS: readonly string[] = EXTRAS.map(([option]) => option);

/** As systemd mounts it. Source: systemd's src/shared/mount-setup.c and its units. */
function kernelMount(source: string, target: string, type = source, more = ""): Mount {
  return { source, target, type, options: `nosuid,nodev,noexec${more}` };
}

/** The tag of the n-th share. */
export function shareTag(index: number): string {
  return `vm-share-${index}`;
}

/** A directory that is made by mounting something on it: no program has to be started for it. */
function directory(path: string): Mount {
  return { source: "vm", target: path, type: "tmpfs", options: "mode=0755,X-mount.mkdir" };
}

/**
 * What PID 1 mounts in one go, in order: see guest/vm-exec-root. `stage` is a directory of the root that nobody needs.
 * A bind mount of a directory does not show what is mounted in it: so `STAGE/plain` has the plain directories that an
 * overlay wants.
 */
export function embeddedMounts({
  stage,
  kernel,
  nested = [],
  owners = "kept",
  modprobe,
}: {
  readonly stage: string;
  readonly kernel: KernelOptions | null;
  /** What `nestedMounts` will mount. */
  readonly nested?: readonly string[];
  /** Whom the root's files belong to: whom they do on the host, or nobody. */
  readonly owners?: "kept" | "nobody";
  /** The root's, by its path without links. */
  readonly modprobe?: string | undefined;
}): Mount[] {
  const extras = EXTRAS.filter(([option]) => kernel === null || kernel[option] === "y").map(
    ([, mount]) => mount,
  );
  // To mount bpf the kernel asks for a module (bpf_preload), and here on PID 1's own root is none of its modules: 0.1 s for nothing.
  // What is known to be built in asks for no other; and the overlay does not show what is mounted on what is below it.
  const noModprobe =
    kernel?.["CONFIG_BPF_SYSCALL"] === "y" && modprobe !== undefined
      ? [{ source: "/dev/null", target: modprobe, type: "none", options: "bind" }]
      : [];
  // Where all belongs to nobody, another overlay is below: see guest/vm-exec-root.
  const lower = owners === "kept" ? "lowerdir=/" : "nosuid,lowerdir=/sys";
  return [
    // Without it `mount -a` knows no mounts, and skips all but this.
    { source: "proc", target: "/proc", type: "proc", options: "nosuid,nodev,noexec" },
    ...noModprobe,
    { source: "vm", target: stage, type: "tmpfs", options: "mode=0755" },
    ...[
      "upper",
      "work",
      "modules/build",
      "modules/kernel",
      ...nested.flatMap((_, index) => [`nested/${index}/upper`, `nested/${index}/work`]),
    ].map((name) => directory(`${stage}/vm-made/${name}`)),
    { source: `${stage}/vm-made`, target: `${stage}/plain`, type: "none", options: "bind,X-mount.mkdir" },
    {
      source: "overlay",
      // Not `/`, which mount leaves out.
      target: "/.",
      type: "overlay",
      options: `${lower},upperdir=${stage}/plain/upper,workdir=${stage}/plain/work`,
    },
    ...[
      { source: "proc", target: "/proc", type: "proc", options: "nosuid,nodev,noexec,X-mount.mkdir" },
      { source: "sysfs", target: "/sys", type: "sysfs", options: "nosuid,nodev,noexec,X-mount.mkdir" },
      { source: "devtmpfs", target: "/dev", type: "devtmpfs", options: "mode=0755,nosuid" },
      { source: "tmpfs", target: "/run", type: "tmpfs", options: "mode=0755,nosuid,nodev,X-mount.mkdir" },
      { source: "tmpfs", target: "/dev/shm", type: "tmpfs", options: "mode=1777,nosuid,nodev,X-mount.mkdir" },
      ...extras,
    ].map((mount) => ({ ...mount, target: NEW_ROOT + mount.target })),
  ];
}

/** What is mounted once the kernel's modules are there: file systems that the kernel has as modules, and those modules. */
export interface LateMounts {
  readonly modules: readonly string[];
  readonly mounts: readonly Mount[];
}

export function lateMounts(kernel: KernelOptions | null): LateMounts {
  const late = EXTRAS.flatMap(([option, mount]) => {
    const module = EXTRA_MODULES[option];
    return module !== undefined && kernel?.[option] === "m" ? [{ module, mount }] : [];
  });
  return { modules: late.map(({ module }) => module), mounts: late.map(({ mount }) => mount) };
}

/**
 * An overlay for each file system of the host that lies below the root, at these paths: so its files are on a device of its
 * own, as they are on the host. The root's share shows them as plain directories.
 */
export function nestedMounts(stage: string, nested: readonly string[]): Mount[] {
  if (nested.length === 0) return [];
  // Not what PID 1 has mounted on the root; and paths in which no character means anything to an overlay.
  return [
    bind("/", `${stage}/root`),
    ...nested.flatMap((path, index): Mount[] => {
      const [lower, made] = [`${stage}/lower/${index}`, `${stage}/plain/nested/${index}`];
      return [
        bind(`${stage}/root${path}`, lower),
        {
          source: "overlay",
          target: NEW_ROOT + path,
          type: "overlay",
          options: `lowerdir=${lower},upperdir=${made}/upper,workdir=${made}/work`,
        },
      ];
    }),
  ];
}

function bind(source: string, target: string): Mount {
  return { source, target, type: "none", options: "bind,X-mount.mkdir" };
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

/** The root that covers PID 1's own. */
const NEW_ROOT = "/..";

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

function shareMount({ path, access }: Share, tag: string, way: ShareWay["kind"]): Mount {
  return { source: tag, target: path, type: way, options: shareOptions(way, access, "mmap") };
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
