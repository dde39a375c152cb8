import type { KernelReport } from "./report-parser.js";

/** A place in the kernel's code, as the kernel names it: `read_nowhere+0x5/0xff0 [hello]`. */
export interface StackFrame {
  readonly symbol: string;
  /** Bytes from the symbol's address. */
  readonly offset: number;
  /** Bytes from the symbol to the next one. */
  readonly size: number;
  readonly module: string | null;
  /** Hexadecimal, where the kernel tells (CONFIG_STACKTRACE_BUILD_ID). */
  readonly buildId: string | null;
  /** `instruction`: where the CPU was; `call`: where a call returns to, so the call itself stands before it. */
  readonly points: "instruction" | "call";
  /** Not so for what is only found on the stack (`? name`). */
  readonly isCertain: boolean;
}

/** The places that a message names, in its order. */
export function framesOf(text: string): StackFrame[] {
  if (!text.includes("+0x")) return [];
  return [...text.matchAll(PLACE)].map((match) => {
    const [, doubt, symbol = "", offset = "", size = "", module, buildId] = match;
    return {
      symbol,
      offset: Number.parseInt(offset, 16),
      size: Number.parseInt(size, 16),
      module: module ?? null,
      buildId: buildId ?? null,
      points: INSTRUCTION.test(text.slice(0, match.index + 1)) ? "instruction" : "call",
      isCertain: doubt === undefined,
    };
  });
}

/** Source: lib/vsprintf.c, `%pS` and `%pSb`; kernel/kallsyms.c, `__sprint_symbol`. */
const PLACE =
  /(\? )?([A-Za-z_$.][\w$.]*)\+0x([0-9a-f]{1,16})\/0x([0-9a-f]{1,16})(?: \[([\w-]+)(?: ([0-9a-f]{8,64}))?\])?/g;

/** What stands before the place where the CPU was, on each architecture. */
const INSTRUCTION =
  /^\s*(?:RIP: |EIP: |pc ?: |epc ?: |ERA: |NIP |NIP: |PC is at |Krnl PSW : )(?!.*\b(?:ra|lr) ?: )/;

/**
 * The place that a report is about: where the CPU was, where its first line says; else the first call in its stack that is not the
 * reporting itself. Null where it names none.
 */
export function placeOf({ kind, headline, lines }: KernelReport): StackFrame | null {
  if (kind === "kasan" || kind === "warn" || kind === "kcsan") {
    const [named] = framesOf(headline);
    if (named !== undefined && !REPORTING.test(named.symbol)) return named;
  }
  const frames = lines.filter(({ role }) => role === "frame").flatMap(({ text }) => framesOf(text));
  if (POINTED.has(kind)) {
    const found = frames.find(({ points, symbol }) => points === "instruction" && !REPORTING.test(symbol));
    if (found !== undefined) return found;
  }
  const isCalled = ({ symbol }: StackFrame): boolean => !REPORTING.test(symbol);
  // Where the kernel has no unwinder all is only found on the stack.
  const certain = frames.filter(({ isCertain }) => isCertain);
  return certain.find(isCalled) ?? frames.find(isCalled) ?? certain[0] ?? frames[0] ?? null;
}

const POINTED: ReadonlySet<string> = new Set(["oops", "softlockup", "hardlockup", "rcustall", "warn"]);

/** Functions that write reports, or lead to what does. */
const REPORTING =
  /^_*(?:dump_stack|dump_backtrace|show_stack|show_regs|panic|vpanic|warn|warn_printk|refcount_warn|report_bug|handle_bug|exc_|asm_|die|print_|kasan_|asan_|ubsan_|kfence_|kcsan_|tsan_|check_|mark_lock|lock_acquire|lock_release|validate_chain|lockdep_|might_resched|might_sleep|schedule|preempt_schedule|raw_spin_|nmi_|watchdog_|rcu_check|mutex_lock|down_|percpu_(?:rwsem_|down_)|rwsem_|rt_mutex_|io_schedule|bit_wait|out_of_line_wait|wait_for_|wait_on_|context_switch|switch_to|slab_err|object_err|slab_bug|free_to_partial)/;
