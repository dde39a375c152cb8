import type { ComplaintKind } from "./complaint-kind.js";

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
      /^(?:BUG: (?:[Uu]nable to handle|kernel NULL pointer dereference)|Unable to handle kernel |Internal error: |general protection fault, |traps: PANIC: double fault|[Kk]ernel BUG at (?:.*:\d+!|.*\[verbose debug info unavailable\])$)/,
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

/**
 * Words of which one is in every first line of a complaint: text without them, of many lines too, has none. Asked of a console that says
 * much, before its lines are looked at one by one.
 */
export const COMPLAINT_WORDS: readonly string[] = [
  ..."BUG|[#|WARNING: |INFO: |UBSAN: |LOCKUP|Kernel panic|kmemleak: |csd: |taint".split("|"),
  ..."nable to handle|nternal error|eneral protection|PANIC: ".split("|"),
];

/** What a message of the kernel complains of; null where it does not. @param message with nothing in front of it */
export function complaintKind(message: string): ComplaintKind | null {
  return PATTERNS.find(({ pattern }) => pattern.test(message))?.kind ?? null;
}
