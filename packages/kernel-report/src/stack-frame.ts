import type { KernelReport } from "./report-parser.js";

/** A place in the kernel's code, as the kernel names it: `read_nowhere+0x5/0xff0 [hello]`, or `0xffffffff81234567` where it has no names. */
export interface StackFrame {
  /** What stands for the name where the kernel has none (CONFIG_KALLSYMS) is `address`; offset and size are 0 then. */
  readonly symbol: string;
  /** `0xffffffff81234567`: where it was when it ran; null where there is a name. */
  readonly address: string | null;
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
  if (!text.includes("+0x")) return addressFrame(text);
  return [...text.matchAll(PLACE)].map((match) => {
    const [, doubt, symbol = "", offset = "", size = "", module, buildId] = match;
    return {
      symbol,
      address: null,
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

/** Of a kernel that has no names a line is one address. One of a program (`RIP: 0033:0x7f...`) is no place in the kernel. */
function addressFrame(text: string): StackFrame[] {
  const [, before = "", doubt, address] = ADDRESS.exec(text) ?? [];
  if (address === undefined) return [];
  const points = INSTRUCTION.test(before) ? "instruction" : "call";
  return [
    {
      symbol: address,
      address,
      offset: 0,
      size: 0,
      module: null,
      buildId: null,
      points,
      isCertain: doubt === undefined,
    },
  ];
}

/** Source: lib/vsprintf.c, `special_hex_number`. A kernel's addresses begin with ffff, LoongArch's with 9000, those of 32 bits with 8 to f. */
const ADDRESS =
  /^\s*(RIP: 0010:|EIP: 0060:|(?:pc|lr|epc) : |PC is at |LR is at |)(\? )?(0x(?:(?:ffff|9000)[0-9a-f]{12}|[89a-f][0-9a-f]{7}))$/;

/** A frame as the console has it: `read_nowhere+0x5/0xff0`, `0xffffffff81234567`. */
export function frameName({ symbol, address, offset, size }: StackFrame): string {
  return address ?? `${symbol}+0x${offset.toString(16)}/0x${size.toString(16)}`;
}

/**
 * How far the kernel was moved from where it was linked for, in bytes, as a panic tells; null where the lines do not. Sources:
 * arch/{x86,arm64,riscv,loongarch}, `dump_kernel_offset`.
 */
export function kernelOffset(lines: Iterable<string>): bigint | null {
  for (const line of lines) {
    const told = /^\s*Kernel Offset: (disabled|0x[0-9a-f]{1,16} from )/.exec(line)?.[1];
    if (told !== undefined) return told === "disabled" ? 0n : BigInt(told.slice(0, -" from ".length));
  }
  return null;
}

/** What stands before the place where the CPU was, on each architecture. */
const INSTRUCTION =
  /^\s*(?:RIP: |EIP: |pc ?: |epc ?: |ERA: |NIP |NIP: |PC is at |Krnl PSW : )(?!.*\b(?:ra|lr) ?: )/;

/**
 * Whether a frame is named after the function behind the one that called: where a call is the last of its function (`panic()` does not
 * return), the address behind it is the next function's first. x86 names the call itself (`%pB`), others do not (`%pS`).
 */
export function isBehindCaller({ points, offset, address }: StackFrame): boolean {
  return points === "call" && offset === 0 && address === null;
}

/**
 * The place that a report is about: where the CPU was, where its first line says; else the first call in its stack that is not the
 * reporting itself. Null where it names none.
 *
 * @param which `callers`: not one that is only named after the function behind its own, unless there is no other
 */
export function placeOf(report: KernelReport, which: "all" | "callers" = "callers"): StackFrame | null {
  const { kind, headline, lines } = report;
  if (kind === "kasan" || kind === "warn" || kind === "kcsan") {
    const [told] = framesOf(headline);
    if (told !== undefined && !REPORTING.test(told.symbol)) return told;
  }
  // lockdep first shows where its locks were taken before, by others.
  const own = kind === "lockdep" ? lines.findIndex(({ text }) => text.startsWith("stack backtrace:")) : 0;
  const all = lines
    .slice(Math.max(0, own))
    .filter(({ role }) => role === "frame")
    .flatMap(({ text }) => framesOf(text));
  // Where a kernel has names, an address without one is none of its code.
  const named = all.filter(({ address }) => address === null);
  const frames = named.length > 0 ? named : all;
  if (POINTED.has(kind)) {
    const found = frames.find(({ points, symbol }) => points === "instruction" && !REPORTING.test(symbol));
    if (found !== undefined) return found;
  }
  const isCalled = (frame: StackFrame): boolean =>
    !REPORTING.test(frame.symbol) && (which === "all" || !isBehindCaller(frame));
  // Where the kernel has no unwinder all is only found on the stack.
  const certain = frames.filter(({ isCertain }) => isCertain);
  return certain.find(isCalled) ?? frames.find(isCalled) ?? certain[0] ?? frames[0] ?? null;
}

const POINTED: ReadonlySet<string> = new Set(["oops", "softlockup", "hardlockup", "rcustall", "warn"]);

/** Functions that write reports, or lead to what does. */
const REPORTING =
  /^_*(?:dump_stack|dump_backtrace|show_stack|show_regs|panic|vpanic|warn|warn_printk|refcount_warn|report_bug|handle_bug|exc_|asm_|die|print_|kasan_|asan_|ubsan_|kfence_|kcsan_|tsan_|check_|mark_lock|lock_acquire|lock_release|validate_chain|lockdep_|might_resched|might_sleep|schedule|preempt_schedule|raw_spin_|nmi_|watchdog_|rcu_check|mutex_lock|down_|percpu_(?:rwsem_|down_)|native_queued_spin_|queued_spin_|do_raw_spin_|rwsem_|rt_mutex_|io_schedule|bit_wait|out_of_line_wait|wait_for_|wait_on_|context_switch|switch_to|slab_err|object_err|slab_bug|free_to_partial)/;
