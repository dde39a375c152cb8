import * as fc from "fast-check";
import { expect, test } from "vitest";
import { consoleLog } from "../../src/session/console-log.js";
import type { ConsoleFinding } from "../../src/session/console-watch.js";

const ordinary = [
  "[    1.000000] systemd[1]: Started a unit.",
  "a program's words",
  "",
  "a line of a terminal\r",
  "Call Trace:",
  "[    1.000000] RIP: 0010:a+0x1/0x2",
  "---[ end trace 0000000000000000 ]---",
  "x".repeat(5000),
];
const told = [
  "[    1.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008",
  "half a line [    1.000000] Oops: 0000 [#1] SMP",
  "Oops [#1]",
  "illegal operation: 0001 ilc:1 [#1]SMP",
  "[    1.000000][    T1] Unable to handle kernel paging request at virtual address 1",
  "general protection fault, probably for non-canonical address",
  "<4>WARNING: mm/slub.c:1 at a+0x1/0x2, CPU#0: sh/1",
  "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [modprobe:81]",
  "Watchdog detected hard LOCKUP on cpu 0",
  "INFO: task dd:93 blocked for more than 122 seconds.",
  "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
  "UBSAN: shift-out-of-bounds in lib/foo.c:10:3",
  "BUG: KASAN: slab-out-of-bounds in foo+0x1/0x2",
  "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
  "hello: loading out-of-tree module taints kernel.",
  "csd: Detected non-responsive CSD lock (#1) on CPU#0",
  'VFS: Cannot open root device "vm-root" or unknown-block(0,0): error -19',
  "9pnet_virtio: no channels available for device /dev/root",
  "virtio-fs: tag <vm-root> not found",
  "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
  "Kernel panic - not syncing: Requested init /bin/sh failed (error -8).",
  "Kernel panic - not syncing: No working init found.",
  "vm: found no virtio-serial port",
  "vm: initramfs: no root (CONFIG_VIRTIO_BLK)",
  "[ TIME ] Timed out waiting for device /dev/x.",
  "[DEPEND] Dependency failed for /data.",
  "[FAILED] Failed to mount /data.",
  "You are in emergency mode. After logging in",
  "ALERT!  UUID=1-2 does not exist.  Dropping to a shell!",
  "initramfs emergency recovery shell launched. Type 'exit'",
  "You are in rescue mode. After logging in",
];

function seen(chunks: readonly string[]): {
  readonly findings: readonly ConsoleFinding[];
  readonly kept: readonly string[];
  readonly tail: readonly string[];
} {
  const findings: ConsoleFinding[] = [];
  const log = consoleLog("9p", (finding) => findings.push(finding));
  for (const chunk of chunks) log.push(Buffer.from(chunk));
  log.end();
  return { findings, kept: log.complaintLines(), tail: log.tail() };
}

/** A line with an escape sequence is looked at by itself, whatever stands around it. */
const END = "\u001b[0m";
const bare = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(END, "").replace(/\r$/, ""));

test("what a console says is found in much text at once as it is line by line", () => {
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...ordinary) },
    { weight: 1, arbitrary: fc.constantFrom(...told) },
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 700 }), fc.integer({ min: 1, max: 70_000 }), (lines, size) => {
      const text = lines.map((each) => `${each}\n`).join("");
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.slice(index * size, (index + 1) * size),
      );
      const singly = seen(lines.map((each) => (each.length > 4000 ? `${each}\n` : `${each}${END}\n`)));
      const { findings, kept, tail } = seen(chunks.length > 3000 ? [text] : chunks);
      expect(findings).toEqual(singly.findings);
      expect(kept).toEqual(bare(singly.kept));
      expect(tail).toEqual(bare(singly.tail));
    }),
    { numRuns: 60 },
  );
});

test.each(told)("%j is not passed over in the midst of ordinary words", (line) => {
  // What the line is to what follows it (a unit that failed, an option that is missing) counts too.
  const lines = [
    ...ordinary,
    line,
    ...ordinary,
    "You are in rescue mode.",
    "Kernel panic - not syncing: No working init found.",
  ];
  const singly = lines.map((each) => `${each}${END}\n`);
  expect(seen([lines.join("\n")]).findings).toEqual(seen(singly).findings);
});
