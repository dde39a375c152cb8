import { PORT_NUMBERS } from "../command/ports.js";

/**
 * What PID 1 runs from the kernel's command line: it finds the ports, says that init was reached, and reads the rest of
 * itself from the script port. A write to the status port waits until the host's side of it is open, and QEMU opens the
 * ports in their order, so the script's port is open by then: an earlier read of it would end at once.
 */
export const BOOTSTRAP: string = [
  "n=0; while [ $n -lt 100 ]; do",
  "[ -c /dev/null ] || mount -t devtmpfs dev /dev;",
  `for p in /dev/vport*p${PORT_NUMBERS.status}; do`,
  `[ -c $p ] && exec 8<>$p && echo vm1 started >&8 && vm_bus=\${p%${PORT_NUMBERS.status}} && . \${vm_bus}${PORT_NUMBERS.script};`,
  "done; n=$((n+1)); sleep .1; done;",
  "echo vm: found no virtio-serial port of the host",
].join(" ");

/**
 * The kernel parameters of the embedded guest's start: the root over 9p, and init. Source: the kernel's
 * Documentation/admin-guide/kernel-parameters.rst, lib/cmdline.c (`next_arg`: double quotes group a word).
 */
export function bootParameters({ network }: { readonly network: "kernel" | "none" }): string {
  return [
    "console=ttyS0 panic=-1",
    // 256 pseudo-terminals of the BSD kind, which nothing uses, cost 0.3 s of an emulated start.
    "pty.legacy_count=0",
    "root=/dev/root rootfstype=9p",
    `rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=${MSIZE} ro`,
    ...(network === "kernel" ? ["ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off"] : []),
  ].join(" ");
}

/** The words that end the kernel command line. Nothing can follow them. */
export const INIT_PARAMETERS: string = `init=/bin/sh -- -c "${BOOTSTRAP}"`;

/** Bytes a 9p message may have; virtio takes up to 512000. */
export const MSIZE = 262_144;
