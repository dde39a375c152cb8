import { findGuest } from "@vm/architectures";
import { architectureNamed } from "@vm/qemu-argv";
import { portBootstrap } from "../protocol/bootstrap.js";
import type { ShareWay } from "../share/host-share.js";

/** The tag of the root. The kernel takes what begins with `/dev/` for a device, but for 9p. */
export function rootTag(way: ShareWay["kind"]): string {
  return way === "9p" ? "/dev/root" : "vm-root";
}

/**
 * The kernel parameters of the embedded guest's start: a root from the host. Source: the kernel's
 * Documentation/admin-guide/kernel-parameters.rst.
 */
export function bootParameters({
  network,
  share,
  arch,
  randomization,
}: {
  readonly network: "kernel" | "none";
  readonly share: ShareWay["kind"];
  /** QEMU's name. */
  readonly arch: string;
  /** `late`: once the command begins. */
  readonly randomization: "kernel" | "late";
}): string {
  const facts = architectureNamed(arch);
  return [
    // Again behind the person's own (watchedConsole): the kernel has room for eight of them, and takes the first.
    ...(facts === undefined ? [] : [`console=${facts.console}`]),
    "panic=-1",
    ...(findGuest(arch)?.kernelParameters ?? []),
    // 256 pseudo-terminals of the BSD kind, which nothing uses, cost up to 0.3 s of an emulated start.
    "pty.legacy_count=0",
    // An emulator translates a library anew for each address that it is seen at: 0.1 s.
    ...(randomization === "late" ? ["norandmaps"] : []),
    // The host's processor or firmware seeds the guest's random numbers: without, uuid_generate(3) waits for them for seconds.
    "random.trust_cpu=on random.trust_bootloader=on",
    `root=${rootTag(share)} rootfstype=${share}`,
    ...(share === "9p" ? [`rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=${MSIZE}`] : []),
    "ro",
    ...(network === "kernel" ? ["ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off"] : []),
  ].join(" ");
}

/** A root from the host may show the host's own /dev: only a devtmpfs can be written to. */
const BOOTSTRAP = portBootstrap({
  prepare: "{ true >/dev/vm-fstab; } 2>/dev/null || mount -n -t devtmpfs dev /dev",
  fail: "echo vm: found no virtio-serial port of the host",
});

/**
 * The words that end the kernel command line. Nothing can follow them: what stands behind `--` is init's (init/main.c),
 * and double quotes group a word (lib/cmdline.c, `next_arg`).
 */
export const INIT_PARAMETERS: string = `init=/bin/sh -- -c "${BOOTSTRAP}"`;

/** Bytes a 9p message may have; virtio takes up to 512000. */
export const MSIZE = 262_144;
