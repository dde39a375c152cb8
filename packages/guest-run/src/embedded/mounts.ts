import type { KernelOptions } from "@vm/kernel-build";
import type { Mount } from "../share/mount-table.js";
import { builtInMounts } from "./kernel-mounts.js";
import { NEW_ROOT } from "./new-root.js";

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
      ...builtInMounts(kernel),
    ].map((mount) => ({ ...mount, target: NEW_ROOT + mount.target })),
  ];
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
