import type { KernelOptions } from "@vm/kernel-build";
import type { ArchiveEntry } from "./archive.js";

type Device = Extract<ArchiveEntry, { readonly type: "character" | "block" }>;

interface Access {
  readonly mode: number;
  readonly group?: string;
}

/** Who may open a node, by its name in /dev. Source: systemd's rules.d/50-udev-default.rules and tmpfiles.d/static-nodes-permissions.conf. */
const ACCESS: { readonly [name: string]: Access } = {
  "btrfs-control": { mode: 0o660, group: "disk" },
  fuse: { mode: 0o666 },
  kvm: { mode: 0o660, group: "kvm" },
  "loop-control": { mode: 0o660, group: "disk" },
  "net/tun": { mode: 0o666 },
  rfkill: { mode: 0o664 },
  "snd/seq": { mode: 0o660, group: "audio" },
  "snd/timer": { mode: 0o660, group: "audio" },
  "vfio/vfio": { mode: 0o666 },
  "vhost-net": { mode: 0o660, group: "kvm" },
  "vhost-vsock": { mode: 0o660, group: "kvm" },
};

/** Nodes that the kernel itself makes when the driver is built in, for root alone. Source: include/linux/miscdevice.h. */
const BUILT_IN: readonly (readonly [option: string, name: string, minor: number])[] = [
  ["CONFIG_BLK_DEV_LOOP", "loop-control", 237],
  ["CONFIG_BTRFS_FS", "btrfs-control", 234],
  ["CONFIG_FUSE_FS", "fuse", 229],
  ["CONFIG_KVM", "kvm", 232],
  ["CONFIG_TUN", "net/tun", 200],
  ["CONFIG_VFIO", "vfio/vfio", 196],
  ["CONFIG_VHOST_NET", "vhost-net", 238],
  ["CONFIG_VHOST_VSOCK", "vhost-vsock", 241],
];

const MISC_MAJOR = 10;

/** Loop devices that a built-in driver makes at its start; udev gives them to the group `disk`. Source: drivers/block/loop.c. */
const LOOP_COUNT = "CONFIG_BLK_DEV_LOOP_MIN_COUNT";
const LOOP_MAJOR = 7;

/** The options of `.config` that decide about a node. */
export const NODE_OPTIONS: readonly string[] = [...BUILT_IN.map(([option]) => option), LOOP_COUNT];

/**
 * The nodes that udev would make or open up: of modules, so that opening one loads its module, and of what is built in.
 *
 * @param devname depmod's `modules.devname`: `MODULE NAME c10:237`, a line each
 * @param gid the number of a group of the root; undefined where there is none
 */
export function deviceNodes(
  devname: string,
  kernel: KernelOptions | null,
  gid: (group: string) => number | undefined,
): Device[] {
  const nodes = [...devname.matchAll(/^\S+ ([\w.][\w./-]{0,80}) ([cb])(\d+):(\d+)$/gm)].map(
    ([, name = "", kind, major, minor]) => node(name, kind === "b" ? "block" : "character", major, minor),
  );
  const builtIn = BUILT_IN.filter(([option]) => kernel?.[option] === "y").map(([, name, minor]) =>
    node(name, "character", MISC_MAJOR, minor),
  );
  const loops =
    kernel?.["CONFIG_BLK_DEV_LOOP"] === "y" ? Math.min(Number(kernel[LOOP_COUNT] ?? 0) || 0, 32) : 0;
  const loopNodes = Array.from({ length: loops }, (_, index) =>
    node(`loop${index}`, "block", LOOP_MAJOR, index),
  );
  return [...nodes, ...builtIn, ...loopNodes].filter(({ path }) => !path.split("/").includes(".."));

  function node(
    name: string,
    type: Device["type"],
    major: string | number = 0,
    minor: string | number = 0,
  ): Device {
    const { mode, group } =
      ACCESS[name] ?? (type === "block" ? { mode: 0o660, group: "disk" } : { mode: 0o600 });
    const owner = group === undefined ? undefined : gid(group);
    return {
      type,
      path: `dev/${name}`,
      mode,
      ...(owner === undefined ? {} : { gid: owner }),
      major: Number(major),
      minor: Number(minor),
    };
  }
}
