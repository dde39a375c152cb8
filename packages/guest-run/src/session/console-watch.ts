import type { ComplaintKind, KernelComplaint } from "./outcome.js";
import type { RootPlace } from "../protocol/plan.js";

/** What a line of the console means beyond being a line. */
export type ConsoleFinding =
  | { readonly kind: "complaint"; readonly complaint: KernelComplaint }
  /** The kernel cannot go on to init: why, and the option that is missing where the console tells. */
  | { readonly kind: "no-init"; readonly reason: string; readonly missing: string | null };

/** Looks at the console line by line. A pure state machine: what it finds is what it returns. */
export interface ConsoleWatch {
  line(text: string): readonly ConsoleFinding[];
}

interface Pattern {
  readonly kind: ComplaintKind;
  readonly pattern: RegExp;
}

/**
 * What every architecture's die() ends its first line with: `Oops: 0000 [#1] SMP NOPTI`, `Oops [#1]`, `Oops[#1]:`, `illegal operation: 0001
 * ilc:1 [#1]SMP`. Behind the number only words in capitals stand: a process that is named `\nOops: [#1]` has its number there, in a line of
 * the kernel's about its end.
 */
const DIE = /^\S.{0,200}\[#\d+\](?::?|(?: ?[A-Z][A-Z_0-9]*(?:[({]\S*)?)+)$/;

/**
 * First lines of the kernel's complaints, the more special first. Sources: kernel/panic.c, lib/bug.c, mm/kasan/report.c,
 * kernel/locking/lockdep.c, kernel/watchdog.c, kernel/hung_task.c, kernel/rcu/tree_stall.h, lib/ubsan.c,
 * kernel/kcsan/report.c, mm/kmemleak.c, arch/*\/mm/fault.c, arch/x86/kernel/traps.c, kernel/sched/core.c.
 */
const PATTERNS: readonly Pattern[] = [
  { kind: "panic", pattern: /^Kernel panic - not syncing/ },
  { kind: "kasan", pattern: /^BUG: KASAN: / },
  { kind: "kasan", pattern: /^BUG: (?:KFENCE|KMSAN): / },
  { kind: "kcsan", pattern: /^BUG: KCSAN: / },
  { kind: "softlockup", pattern: /BUG: soft lockup - CPU#/ },
  { kind: "hardlockup", pattern: /detected hard LOCKUP|hard LOCKUP on cpu/ },
  { kind: "hardlockup", pattern: /^csd: (?:Detected|Continued) non-responsive CSD lock/ },
  { kind: "hungtask", pattern: /^INFO: task .* blocked(?: in I\/O wait)? for more than \d+ seconds/ },
  { kind: "rcustall", pattern: /^(?:rcu: )?INFO: rcu\w* (?:self-)?detected (?:expedited )?stall/ },
  {
    kind: "lockdep",
    pattern:
      /^WARNING: (?:possible (?:circular locking|recursive locking|irq lock inversion)|inconsistent lock state|chain_key collision|bad unlock balance|bad contention|\S+\/\d+ still has locks held|held lock freed|HARDIRQ-safe|SOFTIRQ-safe|suspicious RCU usage|Nested lock was not taken|lock held when returning|Process accounting)/,
  },
  {
    kind: "lockdep",
    pattern: /^(?:\[ BUG: |BUG: )(?:Invalid wait context|held lock freed|bad unlock balance)/,
  },
  {
    kind: "lockdep",
    pattern:
      /^WARNING: suspicious RCU usage|^BUG: MAX_(?:LOCK|STACK_TRACE)|^BUG: lockdep|^BUG: looking up invalid subclass|^BUG: key \S+ has not been registered|^INFO: trying to register non-static key/,
  },
  // Each is longer than the name of a process, or the kernel's line ends in what no name can: see DIE.
  {
    kind: "oops",
    pattern:
      /^(?:BUG: (?:unable to handle|kernel NULL pointer dereference)|Unable to handle kernel |Internal error: |general protection fault, |traps: PANIC: double fault|kernel BUG at (?:.*:\d+!|.*\[verbose debug info unavailable\])$)/i,
  },
  { kind: "oops", pattern: DIE },
  { kind: "warn", pattern: /^WARNING: / },
  { kind: "ubsan", pattern: /^UBSAN: / },
  { kind: "kmemleak", pattern: /^kmemleak: \d+ new suspected memory leaks/ },
  {
    kind: "taint",
    pattern:
      /^Disabling lock debugging due to kernel taint|: loading (?:out-of-tree|test) module taints kernel|' taints kernel|: module license taints kernel|- tainting kernel|: tainting kernel with/,
  },
  // mm/slub.c has a cache's name in the place of the colon.
  { kind: "bug", pattern: /^BUG(?:: | \S+ \((?:Not tainted|Tainted))/ },
];

/** A complaint of these is followed by more first lines of the same event. */
const BLOCK: ReadonlySet<ComplaintKind> = new Set(["lockdep", "kasan", "kcsan", "oops"]);

/** Lines after which a report is over for certain; most end with `---[ end trace` or a line of `====` before. */
const BLOCK_LENGTH = 60;

export function consoleWatch({ root }: { readonly root: RootPlace }): ConsoleWatch {
  let block: ComplaintKind | null = null;
  let blockLines = 0;
  let missing: string | null = null;
  function message(line: string): ConsoleFinding[] {
    if (line === "") return [];
    missing = missingOption(line, root) ?? missing;
    if (block !== null && (++blockLines > BLOCK_LENGTH || line.startsWith("---[ end trace"))) block = null;
    const findings: ConsoleFinding[] = [];
    const found = PATTERNS.find(({ pattern }) => pattern.test(line));
    if (found !== undefined && found.kind !== block) {
      findings.push({ kind: "complaint", complaint: { kind: found.kind, line } });
      if (BLOCK.has(found.kind)) {
        block = found.kind;
        blockLines = 0;
      }
    }
    if (NO_INIT.test(line)) findings.push({ kind: "no-init", reason: line, missing });
    return findings;
  }
  return { line: (text) => messagesOf(text).flatMap(message) };
}

/**
 * The kernel gives up on the way to init, or what stands in for it does. Sources: init/do_mounts.c, init/main.c; this
 * package's bootstrap; packages/initramfs.
 */
const NO_INIT =
  /VFS: Unable to mount root fs|Requested init .* failed|No working init found|^vm: (?:initramfs: |found no virtio-serial port)/;

/** Lines that tell which option the kernel lacks, before it gives up. Sources: net/9p, init/do_mounts.c. */
const MISSING: readonly (readonly [pattern: RegExp, option: string, root?: RootPlace])[] = [
  [/^9p(?:net)?: Could not find request transport: virtio/, "CONFIG_NET_9P_VIRTIO"],
  [/^9pnet_virtio: no channels available for device \/dev\/root/, "CONFIG_VIRTIO_PCI", "9p"],
  [/^VFS: Cannot open root device .*error -19/, "CONFIG_9P_FS", "9p"],
  [/^virtio-fs: tag <vm-root> not found/, "CONFIG_VIRTIO_PCI", "virtiofs"],
  [/^VFS: Cannot open root device "vm-root"/, "CONFIG_VIRTIO_FS", "virtiofs"],
  [/^VFS: Cannot open root device .*unknown-block\(0,0\)/, "CONFIG_VIRTIO_BLK", "disk"],
  [/Requested init .* failed \(error -8\)/, "CONFIG_BINFMT_ELF"],
  [/^vm: found no virtio-serial port/, "CONFIG_VIRTIO_CONSOLE"],
];

function missingOption(line: string, root: RootPlace): string | null {
  const named = /\((CONFIG_\w+)/.exec(line);
  if (line.startsWith("vm: ") && named?.[1] !== undefined) return named[1];
  const found = MISSING.find(
    ([pattern, , only]) => (only === undefined || only === root) && pattern.test(line),
  );
  return found?.[1] ?? null;
}

/**
 * The messages in a line of the console: what stands in front of the first time stamp, and what follows each. A program may leave a
 * line of its own unfinished, however long, and an escape sequence in it, and the kernel then writes behind it: a time stamp begins
 * a message wherever it stands. `printk.time=1` (watchedConsole) gives one to each.
 */
export function messagesOf(text: string): string[] {
  return text.split(STAMP).map(bareMessage);
}

/** Source: kernel/printk/printk.c, `print_time` and `print_caller`. */
const STAMP = /\[ {0,4}\d{1,12}\.\d{6}\](?:\[ {0,9}[TC]\d{1,10}\])? ?/;

/** Takes off what a raw log level, a terminal and the kernel's own subsystem put in front of a message, and a longer tail than its line has. */
function bareMessage(text: string): string {
  return text
    .slice(0, MESSAGE_LENGTH)
    .replace(ESCAPES, "")
    .replace(/^<\d+>/, "")
    .replace(/^(?:watchdog|kernel|NMI watchdog): (?=BUG|Watchdog)/, "")
    .trimEnd();
}

/** The kernel's own have at most 1,024 bytes (LOG_LINE_MAX). */
const MESSAGE_LENGTH = 4096;

// oxlint-disable-next-line no-control-regex -- Terminals' escape sequences are what it looks for.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g;
