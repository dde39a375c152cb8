import { expect, test } from "vitest";
import { consoleWatch, stripPrefix } from "../../src/command/console-watch.js";

/** What the watch finds in a transcript, as `kind: line`. */
function findings(transcript: string, root: "9p" | "virtiofs" | "disk" = "9p"): string[] {
  const watch = consoleWatch({ root });
  return transcript
    .split("\n")
    .flatMap((line) =>
      watch
        .line(line)
        .map((finding) =>
          finding.kind === "complaint"
            ? `${finding.complaint.kind}: ${finding.complaint.line}`
            : `no-init: ${finding.reason} [${finding.missing ?? ""}]`,
        ),
    );
}

test("a NULL pointer dereference is one oops, and a second one after its end another", () => {
  const oops = `
[    5.123456] BUG: kernel NULL pointer dereference, address: 0000000000000008
[    5.123460] #PF: supervisor read access in kernel mode
[    5.123461] #PF: error_code(0x0000) - not-present page
[    5.123462] PGD 0 P4D 0
[    5.123470] Oops: 0000 [#1] PREEMPT SMP NOPTI
[    5.123480] CPU: 0 PID: 57 Comm: insmod Tainted: G           O       6.1.0 #1
[    5.123490] RIP: 0010:read_nowhere+0x5/0xff0 [hello]
[    5.123500] ---[ end trace 0000000000000000 ]---`;
  expect(findings(oops + oops)).toEqual([
    "oops: BUG: kernel NULL pointer dereference, address: 0000000000000008",
    "oops: BUG: kernel NULL pointer dereference, address: 0000000000000008",
  ]);
});

test.each([
  ["general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] SMP", "oops"],
  ["kernel BUG at fs/ext4/inode.c:123!", "oops"],
  ["BUG: unable to handle page fault for address: ffffffffc0000000", "oops"],
  ["Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000", "oops"],
  ["Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP", "oops"],
  ["WARNING: CPU: 1 PID: 93 at kernel/sched/core.c:5896 schedule+0x12/0x34", "warn"],
  ["BUG: KASAN: slab-out-of-bounds in foo+0x1/0x2 [bar]", "kasan"],
  ["BUG: KCSAN: data-race in a / b", "kcsan"],
  ["UBSAN: shift-out-of-bounds in lib/foo.c:10:3", "ubsan"],
  ["kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)", "kmemleak"],
  ["WARNING: possible circular locking dependency detected", "lockdep"],
  ["WARNING: inconsistent lock state", "lockdep"],
  ["WARNING: suspicious RCU usage", "lockdep"],
  ["BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580", "bug"],
  ["BUG: scheduling while atomic: swapper/0/1/0x00000002", "bug"],
  ["watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [modprobe:81]", "softlockup"],
  ["NMI watchdog: Watchdog detected hard LOCKUP on cpu 0", "hardlockup"],
  ["INFO: task modprobe:93 blocked for more than 10 seconds.", "hungtask"],
  ["rcu: INFO: rcu_sched self-detected stall on CPU", "rcustall"],
  ["rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", "rcustall"],
  [
    "rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 0-.... } 26 jiffies s: 41 root: 0x1/.",
    "rcustall",
  ],
  ["hello: loading out-of-tree module taints kernel.", "taint"],
  ["Kernel panic - not syncing: sysrq triggered crash", "panic"],
])("%s is a complaint: %s", (line, kind) => {
  const bare = stripPrefix(line);
  for (const prefix of [
    "",
    "[    1.234567] ",
    "[    1.234567][   T93] ",
    "<4>[   12.000000] ",
    "\u001b[0m",
  ]) {
    expect(findings(`${prefix}${line}\r`.trimEnd())).toEqual([`${kind}: ${bare}`]);
  }
});

test.each([
  "Linux version 6.1.0 (vm@vm) (gcc 12.2.0) #1 SMP PREEMPT_DYNAMIC",
  "Command line: console=ttyS0 panic=-1 oops=panic",
  "rcu: Hierarchical RCU implementation.",
  "Warning: unable to open an initial console.",
  "mitigations: Spectre V2: WARNING is no first word here",
  "systemd[1]: Started debug shell.",
  "BUGS: none",
])("%s is no complaint", (line) => {
  expect(findings(line)).toEqual([]);
});

test("a report of lockdep counts once", () => {
  const report = `
======================================================
WARNING: possible circular locking dependency detected
6.1.0 #1 Not tainted
------------------------------------------------------
cat/71 is trying to acquire lock:
WARNING: bad unlock balance detected!`;
  expect(findings(report)).toEqual(["lockdep: WARNING: possible circular locking dependency detected"]);
});

test("without the driver of the root, the option that is missing is named", () => {
  const panic = "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)";
  const given = [`panic: ${panic}`];
  const open = 'VFS: Cannot open root device "/dev/root" or unknown-block(0,0): error -19';
  expect(findings(`${open}\n${panic}`)).toEqual([...given, `no-init: ${panic} [CONFIG_9P_FS]`]);
  expect(findings(`9pnet: Could not find request transport: virtio\n${panic}`)).toEqual([
    ...given,
    `no-init: ${panic} [CONFIG_NET_9P_VIRTIO]`,
  ]);
  expect(
    findings(
      `9pnet_virtio: no channels available for device root\n9pnet_virtio: no channels available for device /dev/root\n${panic}`,
    ),
  ).toEqual([...given, `no-init: ${panic} [CONFIG_VIRTIO_PCI]`]);
  const disk = 'VFS: Cannot open root device "vda1" or unknown-block(0,0): error -6';
  expect(findings(`${disk}\n${panic}`, "disk")).toEqual([...given, `no-init: ${panic} [CONFIG_VIRTIO_BLK]`]);
});

test("a root without init, and one without ports, never start", () => {
  const init = "Kernel panic - not syncing: Requested init /bin/sh failed (error -8).";
  expect(findings(init)).toEqual([`panic: ${init}`, `no-init: ${init} [CONFIG_BINFMT_ELF]`]);
  expect(findings("vm: found no virtio-serial port of the host")).toEqual([
    "no-init: vm: found no virtio-serial port of the host [CONFIG_VIRTIO_CONSOLE]",
  ]);
});
