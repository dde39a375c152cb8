import type { CommandUser } from "../protocol/request.js";
import { findTerminal } from "../protocol/terminal-device.js";
import { singleQuoted } from "@vm/command-plan";
import type { EmbeddedGuest } from "./guest.js";
import { renderMountTable } from "../share/mount-table.js";
import type { LateMounts } from "./kernel-mounts.js";
import { shareTag, type ModuleShares } from "./share-mounts.js";
import { coldPlug } from "./cold-plug.js";
import type { RootPrograms } from "./root-tools.js";

/**
 * Shell text that makes the embedded guest ready, in its own root: what a small complete system has and mounts do not give. All of it by
 * what is built into a shell. Sources: systemd's src/core/main.c, src/shared/loopback-setup.c, sysctl.d/50-default.conf.
 */
export function guestSetup({
  guest,
  modules,
  late,
  programs,
  network,
  user,
  isRoot,
}: {
  readonly guest: EmbeddedGuest;
  /** Whom the command belongs to; root where nobody is named. */
  readonly user?: CommandUser | undefined;
  /** Whether root runs the guest. */
  readonly isRoot: boolean;
  readonly modules: ModuleShares | null;
  readonly late: LateMounts;
  readonly programs: RootPrograms;
  /** Who gives the guest its address: the kernel, a program of the root, or nobody. */
  readonly network: "kernel" | "program" | "none";
}): string {
  const { kernel, shares = [], init = "script", hostname = "vm" } = guest;
  const systemd = init === "systemd";
  return [
    "vm_bus=$1 vm_aslr=$2",
    `export PATH=${singleQuoted(programs.path)}`,
    findTerminal(kernel.arch),
    "read -r vm_release </proc/sys/kernel/osrelease",
    String.raw`vm_send 'kernel %s\n' "$vm_release"`,
    mountedCheck(shares.length, modules),
    ...(modules === null ? [] : [releaseCheck(modules.release)]),
    ...named(hostname),
    NO_THRASHING,
    ...(user === undefined ? [] : NO_NAMES),
    ...(systemd
      ? []
      : [LOOPBACK, NO_FSTAB, CONTROLLERS, ...LIMITS, ...sysctls(programs, user !== undefined || isRoot)]),
    // systemd does so itself.
    ...(systemd || modules === null ? [] : fileSystemsOfModules(late, programs)),
    ...(systemd || modules === null || programs.find("modprobe") === undefined
      ? []
      : coldPlug(guest.qemuOptions ?? [])),
    ...networkSetup(network),
  ].join("\n");
}

/**
 * A share that is not mounted would show an empty directory, and take what is written to it into memory. Below an overlay the kernel
 * does not list one: there the overlay counts, and what only the share can have.
 */
function mountedCheck(shares: number, modules: ModuleShares | null): string {
  const tags = Array.from({ length: shares }, (_, index) => shareTag(index));
  const isMerged = modules?.layout === "installed" && modules.index === "shared";
  if (modules !== null && !isMerged) tags.push("modules");
  if (tags.length === 0 && !isMerged) return "";
  const merged = isMerged
    ? [
        `case $vm_mounted in *"/${modules.release} "*) ;; *) false ;; esac && [ -d "/lib/modules/${modules.release}/kernel" ] || vm_fail "the host's modules could not be mounted"`,
      ]
    : [];
  return [
    "vm_mounted=' '",
    'while read -r vm_tag vm_target vm_rest; do vm_mounted="$vm_mounted$vm_tag $vm_target "; done </proc/mounts',
    ...tags.map(
      (tag) =>
        `case $vm_mounted in *" ${tag} "*) ;; *) vm_fail "the share ${tag} of the host could not be mounted" ;; esac`,
    ),
    ...merged,
  ].join("\n");
}

function releaseCheck(release: string): string {
  return `[ "$vm_release" = '${release}' ] || echo "vm: this kernel is $vm_release, the modules are for ${release}" >/dev/console`;
}

/** The name, and that it resolves: sudo, mail and Java ask for it. A guest of dbus or systemd wants a machine ID. */
function named(hostname: string): string[] {
  const name = singleQuoted(hostname);
  return [
    `echo ${name} >/proc/sys/kernel/hostname`,
    `{ [ -s /etc/hosts ] || echo 127.0.0.1 localhost; echo 127.0.1.1 ${name}; } >>/etc/hosts`,
  ].map(quiet);
}

/** Interface flags UP and LOOPBACK; the kernel then gives it 127.0.0.1. Source: net/core/net-sysfs.c, net/ipv4/devinet.c. */
const LOOPBACK = quiet("echo 0x9 >/sys/class/net/lo/flags");

/** The disks in it are this machine's: `mount -a` and `swapon -a` would look for them in the guest. */
const NO_FSTAB = quiet("[ ! -s /etc/fstab ] || : >/etc/fstab");

/** A group that is made has `memory.max` and the like, as where systemd has asked for them. */
const CONTROLLERS = quiet(
  "read -r vm_names </sys/fs/cgroup/cgroup.controllers && for vm_name in $vm_names; do echo +$vm_name >/sys/fs/cgroup/cgroup.subtree_control; done",
);

/**
 * With no swap a guest that fills its memory reads its programs from the host again and again, for minutes, before the kernel kills anything. It
 * then kills at once what leaves no room for the pages used in the last second. Source: Documentation/admin-guide/mm/multigen_lru.rst.
 */
const NO_THRASHING = quiet("echo 1000 >/sys/kernel/mm/lru_gen/min_ttl_ms");

/**
 * The kernel's lines about processes that a signal or the lack of memory ends have their names, in which there may be a newline and what looks like
 * an oops: a user who is not root causes none of these. Source: kernel/signal.c, mm/oom_kill.c, `show_unhandled_signals` of each architecture.
 */
const NO_NAMES = [
  "debug/exception-trace",
  "kernel/show-unhandled-signals",
  "kernel/print-fatal-signals",
  "kernel/userprocess_debug",
  "vm/oom_dump_tasks",
].map((name) => quiet(`[ ! -e /proc/sys/${name} ] || echo 0 >/proc/sys/${name}`));

/** What a service or a login has: systemd's defaults. */
const LIMITS = [quiet("ulimit -H -n 524288"), quiet("ulimit -l 8192"), "umask 022"];

/** Two programs, so only where there is something to load. */
function fileSystemsOfModules({ modules, mounts }: LateMounts, programs: RootPrograms): string[] {
  if (modules.length === 0 || programs.find("modprobe") === undefined) return [];
  const table = singleQuoted(renderMountTable(mounts));
  return [
    quiet(`modprobe -q -a ${modules.join(" ")}`),
    quiet(`printf %s ${table} >/run/vm-mounts && mount -n -c -a -T /run/vm-mounts`),
  ];
}

/**
 * As systemd sets them: its sysctl.d/50-default.conf, 50-pid-max.conf and 10-map-count.conf, `bump_file_max_and_nr_open` and
 * `bump_unix_max_dgram_qlen` of its src/core/main.c.
 */
function sysctls(programs: RootPrograms, isOwner: boolean): string[] {
  const modprobe = programs.find("modprobe");
  const values: readonly (readonly [string, string])[] = [
    ["kernel/pid_max", "4194304"],
    ["net/ipv4/ping_group_range", "0 2147483647"],
    ["fs/protected_hardlinks", "1"],
    ["fs/protected_symlinks", "1"],
    // By these root may not write to a file in /tmp that is a user's: to the guest's root those of the person who runs it are such.
    ...(isOwner
      ? ([
          ["fs/protected_regular", "1"],
          ["fs/protected_fifos", "1"],
        ] as const)
      : []),
    ["fs/file-max", "9223372036854775807"],
    ["vm/max_map_count", "1048576"],
    ["kernel/core_uses_pid", "1"],
    ["net/unix/max_dgram_qlen", "512"],
    ["net/core/default_qdisc", "fq_codel"],
    ["net/ipv4/conf/default/rp_filter", "2"],
    ["net/ipv4/conf/default/accept_source_route", "0"],
    ["net/ipv4/conf/default/promote_secondaries", "1"],
    ["net/ipv4/conf/all/promote_secondaries", "1"],
    // Where the kernel's own path does not lead to it (NixOS).
    ...(programs.nixSystem === undefined || modprobe === undefined
      ? []
      : [["kernel/modprobe", `${programs.nixSystem}/sw/bin/modprobe`] as const]),
  ];
  return values.map(([name, value]) => quiet(`echo ${singleQuoted(value)} >/proc/sys/${name}`));
}

function networkSetup(network: "kernel" | "program" | "none"): string[] {
  if (network === "none") return [];
  const address =
    network === "program"
      ? [
          String.raw`printf 'link set eth0 up\naddr add 10.0.2.15/24 dev eth0\nroute add default via 10.0.2.2\n' | ip -force -batch -`,
        ]
      : [];
  return [
    '[ -e /sys/class/net/eth0 ] || vm_fail "the kernel has no driver for the network card (CONFIG_VIRTIO_NET)"',
    ...address,
    "[ ! -L /etc/resolv.conf ] || rm -f /etc/resolv.conf",
    "echo nameserver 10.0.2.3 >/etc/resolv.conf",
  ];
}

/** What a kernel or a root lacks for it is no reason to stop. */
function quiet(command: string): string {
  return `{ ${command}; } 2>/dev/null`;
}
