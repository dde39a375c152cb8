import { expect, test } from "vitest";
import { consoleLog } from "../../src/session/console-log.js";
import { consoleWatch, messagesOf } from "../../src/session/console-watch.js";

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
            : finding.kind === "stranded"
              ? `stranded: ${finding.reason}`
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
  ["Setting dangerous option nosmp - tainting kernel", "taint"],
  // Linux 7.2.
  ["WARNING: kernel/sched/core.c:5896 at schedule+0x12/0x34, CPU#1: insmod/93", "warn"],
  ["WARNING: at 0xffffffff81000000, CPU#0: swapper/0/0", "warn"],
  ["Oops: Oops: 0000 [#1] SMP NOPTI", "oops"],
  [
    "Oops: general protection fault, probably for non-canonical address 0xdead: 0000 [#1] PREEMPTLAZY SMP",
    "oops",
  ],
  ["INFO: task dd:93 blocked in I/O wait for more than 122 seconds.", "hungtask"],
  ["watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 1", "hardlockup"],
  ["watchdog: CPU 3 self-detected hard LOCKUP @ foo+0x10/0x20", "hardlockup"],
  [
    "csd: Detected non-responsive CSD lock (#1) on CPU#0, waiting 5000000000 ns for CPU#01 foo+0x0/0x10(0x0).",
    "hardlockup",
  ],
  ["rcu: INFO: rcu_preempt detected stall, but suppressed full report due to a stuck CSD-lock.", "rcustall"],
  ["rcu: INFO: rcu_tasks_trace detected stalls on tasks:", "rcustall"],
  ["WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", "lockdep"],
  ["WARNING: cat/71 still has locks held!", "lockdep"],
  ["WARNING: bad contention detected!", "lockdep"],
  ["INFO: trying to register non-static key.", "lockdep"],
  ["BUG: KFENCE: use-after-free read in foo+0x1/0x2", "kasan"],
  ["BUG: KMSAN: uninit-value in foo+0x1/0x2", "kasan"],
  ["BUG kmalloc-64 (Not tainted): Poison overwritten", "bug"],
  ["BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!", "bug"],
  // Other architectures.
  ["Oops [#1]", "oops"],
  ["Oops - illegal instruction [#1]", "oops"],
  ["Kernel BUG [#1]", "oops"],
  ["illegal operation: 0001 ilc:1 [#1]SMP", "oops"],
  ["Oops: Kernel access of bad area, sig: 11 [#1]", "oops"],
  ["Internal error: Oops - BUG: 00000000f2000800 [#1]  SMP", "oops"],
  ["Oops[#1]:", "oops"],
  ["Kernel bug detected[#2]:", "oops"],
  ["Internal error: Oops - BUG: 0 [#1] SMP ARM", "oops"],
  ["Oops: 0002 [#3] PREEMPT(lazy) SMP KASAN NOPTI", "oops"],
  ["invalid opcode: 0000 [#1] SMP", "oops"],
  ["int3: 0000 [#1] PREEMPT SMP PTI", "oops"],
  ["Kernel BUG at foo+0x1/0x2 [verbose debug info unavailable]", "oops"],
  ["Kernel panic - not syncing: sysrq triggered crash", "panic"],
])("%s is a complaint: %s", (line, kind) => {
  const bare = messagesOf(line).at(-1) ?? "";
  for (const prefix of [
    "",
    "[    1.234567] ",
    "[    1.234567][   T93] ",
    "<4>[   12.000000] ",
    "\u001b[0m",
    "debian login: [   12.345678] ",
    "\u001b[0;32m  OK  \u001b[0m half a line [   12.345678][  T1234] ",
    // What a program may leave unfinished.
    `${"x".repeat(60_000)}[   12.345678] `,
    "\u001b[[   12.345678] ",
    "\u001b]0;a title[   12.345678] ",
    "[   12.345678] of my own [   99.999999] and [12345.678901] ",
    "\r\r\0\0\ufffd[   12.345678] ",
    "[ [   [1[   12.345678] ",
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
  "VFS: Finished mounting rootfs on nullfs",
  "VFS: Mounted root (9p filesystem) readonly on device 0:20.",
  "Linux version 7.2.13 (vm@vm) (gcc 12.2.0) #1 SMP PREEMPTLAZY Thu Jan  1 00:00:00 UTC 1970",
  "Dynamic Preempt: lazy",
  "rcu: INFO: Expedited stall ended before state dump start",
  "INFO: task cat:71 is blocked on a mutex likely owned by task dd:70.",
  "Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings",
  "---[ end Kernel panic - not syncing: sysrq triggered crash ]---",
  "csd: CSD lock (#1) got unstuck on CPU#01, CPU#00 released the lock.",
  "PM: hibernation: Registered nosave memory: [mem 0x00000000-0x00000fff]",
  // What a line about a process becomes whose name of 15 letters begins with a newline.
  ...["Oops: [#1]", "Oops [#1]", "Oops: 0000", "kernel BUG at ", "double fault: ", "int3: 0000"].flatMap(
    (name) => [
      `${name}[57]: segfault at 0 ip 000000000040100e sp 00007ffe error 4 in x[40100e,401000+1000]`,
      `${name}[57] trap invalid opcode ip:40100e sp:7ffe error:0 in x[401000+1000]`,
      `${name}' used the deprecated sysctl system call with`,
      `${name} invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0`,
    ],
  ),
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

/** Whole reports, line for line as the functions of Linux 7.2 print them that stand in the title: each is one complaint. */
test.each([
  [
    "mm/kasan/report.c: print_report",
    "kasan",
    `==================================================================
BUG: KASAN: slab-out-of-bounds in kmalloc_oob_right+0x1f4/0x2c0 [kasan_test]
Write of size 1 at addr ffff888003a2d773 by task kunit_try_catch/93

CPU: 0 UID: 0 PID: 93 Comm: kunit_try_catch Tainted: G    B            N  7.2.13 #1 PREEMPTLAZY
Tainted: [B]=BAD_PAGE, [N]=TEST
Call Trace:
 <TASK>
 dump_stack_lvl+0x53/0x70
 kasan_report+0xca/0x100
 </TASK>

Allocated by task 93:
 kasan_save_stack+0x33/0x60
The buggy address belongs to the object at ffff888003a2d700
 which belongs to the cache kmalloc-128 of size 128
Memory state around the buggy address:
>ffff888003a2d700: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 03 fc
                                                             ^
==================================================================
Disabling lock debugging due to kernel taint`,
  ],
  [
    "kernel/kcsan/report.c: print_report",
    "kcsan",
    `==================================================================
BUG: KCSAN: data-race in test_kernel_read / test_kernel_write

write to 0xffffffffc0003020 of 8 bytes by task 92 on cpu 1:
 test_kernel_write+0x2a/0x40
read to 0xffffffffc0003020 of 8 bytes by task 91 on cpu 0:
 test_kernel_read+0x1d/0x30

value changed: 0x0000000000000001 -> 0x0000000000000002

Reported by Kernel Concurrency Sanitizer on:
CPU: 0 UID: 0 PID: 91 Comm: access_thread Not tainted 7.2.13 #1 PREEMPTLAZY
==================================================================`,
  ],
  [
    "lib/ubsan.c: ubsan_prologue",
    "ubsan",
    `------------[ cut here ]------------
UBSAN: array-index-out-of-bounds in lib/test_ubsan.c:129:4
index 4 is out of range for type 'char [4]'
CPU: 1 UID: 0 PID: 91 Comm: insmod Not tainted 7.2.13 #1 PREEMPTLAZY
Call Trace:
 <TASK>
 __ubsan_handle_out_of_bounds+0xa1/0xd0
 </TASK>
---[ end trace ]---`,
  ],
  [
    "kernel/locking/lockdep.c: print_circular_bug_header",
    "lockdep",
    `======================================================
WARNING: possible circular locking dependency detected
7.2.13 #1 Not tainted
------------------------------------------------------
insmod/93 is trying to acquire lock:
ffffffffc0002080 (lock_A){+.+.}-{4:4}, at: init_module+0x3c/0xff0 [locks]

but task is already holding lock:
ffffffffc0002010 (lock_B){+.+.}-{4:4}, at: init_module+0x30/0xff0 [locks]

which lock already depends on the new lock.

the existing dependency chain (in reverse order) is:
 *** DEADLOCK ***
stack backtrace:
CPU: 0 UID: 0 PID: 93 Comm: insmod Not tainted 7.2.13 #1 PREEMPTLAZY`,
  ],
  [
    "kernel/rcu/tree_stall.h: print_cpu_stall",
    "rcustall",
    `rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: 	0-....: (20999 ticks this GP) idle=4a5c/1/0x4000000000000000 softirq=118/118 fqs=5249
rcu: 	(t=21002 jiffies g=-1127 q=2 ncpus=1)
CPU: 0 UID: 0 PID: 93 Comm: insmod Not tainted 7.2.13 #1 PREEMPTLAZY
RIP: 0010:init_module+0x15/0xff0 [spin]`,
  ],
  [
    "kernel/hung_task.c: hung_task_info",
    "hungtask",
    `INFO: task insmod:93 blocked for more than 122 seconds.
      Tainted: G           O        7.2.13 #1
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:insmod          state:D stack:0     pid:93    tgid:93    ppid:91     task_flags:0x400000 flags:0x00080000
Call Trace:
INFO: task insmod:93 is blocked on a mutex likely owned by task dd:92.`,
  ],
  [
    "mm/kmemleak.c: kmemleak_scan",
    "kmemleak",
    "kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
  ],
] as const)("a whole report of %s is one complaint: %s", (_source, kind, report) => {
  const found = findings(report).map((line) => line.slice(0, line.indexOf(":")));
  // KASAN's own taint is told besides.
  expect(found.filter((other) => other !== "taint")).toEqual([kind]);
  const stamped = report
    .split("\n")
    .map((line, index) => `[   12.${String(300000 + index)}][   T93] ${line}`)
    .join("\n");
  expect(findings(stamped)).toEqual(findings(report));
});

test("a line that the end of the console cuts off counts as far as it came", () => {
  const found: unknown[] = [];
  const log = consoleLog("9p", (finding) => found.push(finding));
  log.push(Buffer.from("login: [    5.123456] BUG: kernel NULL pointer dereference, addr"));
  expect(found).toEqual([]);
  log.end();
  expect(found).toMatchObject([{ kind: "complaint", complaint: { kind: "oops" } }]);
});

test("a line of nothing but beginnings of time stamps takes no time", () => {
  const start = performance.now();
  for (const text of ["[", "[    1", "[   12.345678", "[111111111111", "[ 1.000000]", "\u001b["]) {
    messagesOf(text.repeat(65_536 / text.length));
  }
  expect(performance.now() - start).toBeLessThan(2000);
});
