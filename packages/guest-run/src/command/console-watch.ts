import type { ComplaintKind, KernelComplaint } from "./outcome.js";

/** What a line of the console means beyond being a line. */
export type ConsoleFinding =
  | { readonly kind: "complaint"; readonly complaint: KernelComplaint }
  /** The kernel can not go on to init: why, and the option that is missing where the console tells. */
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
  { kind: "hardlockup", pattern: /Watchdog detected hard LOCKUP|hard LOCKUP on cpu/ },
  { kind: "hungtask", pattern: /^INFO: task .* blocked for more than \d+ seconds/ },
  { kind: "rcustall", pattern: /^(?:rcu: )?INFO: rcu\w* (?:self-)?detected (?:expedited )?stall/ },
  {
    kind: "lockdep",
    pattern:
      /^WARNING: (?:possible (?:circular locking|recursive locking|irq lock inversion)|inconsistent lock state|bad unlock balance|held lock freed|HARDIRQ-safe|SOFTIRQ-safe|suspicious RCU usage|Nested lock was not taken|lock held when returning|Process accounting)/,
  },
  {
    kind: "lockdep",
    pattern: /^(?:\[ BUG: |BUG: )(?:Invalid wait context|held lock freed|bad unlock balance)/,
  },
  { kind: "lockdep", pattern: /^WARNING: suspicious RCU usage|^BUG: MAX_LOCKDEP|^BUG: lockdep/ },
  {
    kind: "oops",
    pattern:
      /^(?:BUG: (?:unable to handle|kernel NULL pointer dereference)|Unable to handle kernel |Internal error: |Oops: |Oops:? ?[0-9a-f]{4}|general protection fault|invalid opcode: 0000|divide error: |stack segment: |double fault: |traps: PANIC: double fault|kernel BUG at |int3: 0000)/i,
  },
  { kind: "warn", pattern: /^WARNING: / },
  { kind: "ubsan", pattern: /^UBSAN: / },
  { kind: "kmemleak", pattern: /^kmemleak: \d+ new suspected memory leaks/ },
  { kind: "taint", pattern: /^Disabling lock debugging due to kernel taint/ },
  { kind: "bug", pattern: /^BUG: / },
];

/** A complaint of these is followed by lines of the same event that would count again. */
const BLOCK: ReadonlySet<ComplaintKind> = new Set(["lockdep", "kasan", "kcsan"]);

export function consoleWatch(): ConsoleWatch {
  // lockdep and KASAN frame their reports with `====` lines and repeat themselves in between.
  let blockKind: ComplaintKind | null = null;
  let blockLines = 0;
  return {
    line(text) {
      const line = stripPrefix(text);
      if (line === "") return [];
      const noInit = readNoInit(line);
      const found = PATTERNS.find(({ pattern }) => pattern.test(line));
      const findings: ConsoleFinding[] = [];
      if (blockKind !== null && ++blockLines > BLOCK_LENGTH) blockKind = null;
      if (found !== undefined && !(found.kind === blockKind && found.kind !== "panic")) {
        findings.push({ kind: "complaint", complaint: { kind: found.kind, line } });
        if (BLOCK.has(found.kind)) {
          blockKind = found.kind;
          blockLines = 0;
        }
      }
      if (noInit !== null) findings.push(noInit);
      return findings;
    },
  };
}

/** Lines after which a report is over for certain. */
const BLOCK_LENGTH = 40;

/** Takes off what `printk.time`, `CONFIG_PRINTK_CALLER`, a raw log level and a terminal put in front of a message. */
export function stripPrefix(text: string): string {
  return text
    .replace(ESCAPES, "")
    .replace(/^<\d+>/, "")
    .replace(/^\s*\[\s*\d+\.\d+\](?:\s*\[\s*[TC]\d+\])?\s?/, "")
    .replace(/^(?:watchdog|kernel|NMI watchdog): (?=BUG|Watchdog)/, "")
    .trimEnd();
}

// oxlint-disable-next-line no-control-regex -- Terminals' escape sequences are what it looks for.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g;

function readNoInit(line: string): ConsoleFinding | null {
  const mount =
    /(?:VFS: Unable to mount root fs|VFS: Cannot open root device|Unable to mount root fs)(.*)/.exec(line);
  if (mount !== null) return { kind: "no-init", reason: line, missing: null };
  const init =
    /No working init found|Requested init .* failed|Failed to execute .*init|No init found|Attempted to kill init/;
  if (init.test(line)) {
    const missing = /error -8\)/.test(line) ? "CONFIG_BINFMT_ELF" : null;
    return { kind: "no-init", reason: line, missing };
  }
  const noFs = /^(?:9pnet_virtio: no channels available for device|VFS: unknown filesystem type) ?(.*)/.exec(
    line,
  );
  return noFs === null ? null : { kind: "no-init", reason: line, missing: null };
}
