/**
 * What the guest says on the status port, a line each: `vm1 started`, `kernel RELEASE`, `command`, `exited N`, or `failed REASON`. The
 * shell's own word on a signal that killed the command ("Killed") comes as a line in front of `exited N`, and so does `counted OOPSES WARNINGS`, what the
 * kernel says of itself.
 * Source: docs/guest-contract.md.
 */
export type GuestEvent =
  | { readonly kind: "started" }
  | { readonly kind: "kernel"; readonly release: string }
  | { readonly kind: "command" }
  | { readonly kind: "exited"; readonly status: number }
  /** /sys/kernel/oops_count and warn_count, when the command had ended. Source: Documentation/ABI/testing/sysfs-kernel-oops_count. */
  | { readonly kind: "counted"; readonly counts: KernelCounts }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "note"; readonly text: string };

/** How often the kernel has oopsed, and has warned, by its own count. */
export interface KernelCounts {
  readonly oopses: number;
  readonly warnings: number;
}

/** Reads one line. What is no event is a note: never a status. */
export function parseGuestLine(line: string): GuestEvent {
  if (line === "vm1 started") return { kind: "started" };
  // The form of a release, as kernel-build has it: nothing else of the guest is taken for one.
  const kernel = /^kernel ([\w.+~-]{1,64})$/.exec(line);
  if (kernel?.[1] !== undefined) return { kind: "kernel", release: kernel[1] };
  if (line === "command") return { kind: "command" };
  const exited = /^exited (0|[1-9]\d{0,2})$/.exec(line);
  if (exited !== null && Number(exited[1]) <= 255) return { kind: "exited", status: Number(exited[1]) };
  const counted = /^counted (\d{1,10}) (\d{1,10})$/.exec(line);
  if (counted !== null)
    return { kind: "counted", counts: { oopses: Number(counted[1]), warnings: Number(counted[2]) } };
  const failed = /^failed (.+)$/.exec(line);
  if (failed?.[1] !== undefined) return { kind: "failed", reason: failed[1].slice(0, MAX_TEXT) };
  return { kind: "note", text: line.slice(0, MAX_TEXT) };
}

/** A reason or a note is a sentence. */
const MAX_TEXT = 1000;

/** SIGINT and SIGPIPE: shells say nothing when these kill a command. */
const UNTOLD: ReadonlySet<number> = new Set([2, 13]);

/**
 * The signal that killed the command, or null when it exited by itself. A shell reports both as 128 + N; what tells them
 * apart is its message, which stands among the `notes` that came since the command began. An exit with 130 or 141 is
 * taken for SIGINT or SIGPIPE, of which shells say nothing.
 */
export function signalOf(status: number, notes: readonly string[]): number | null {
  if (status <= 128 || status > 192) return null;
  const signal = status - 128;
  const told = notes.some((note) => SIGNAL_WORDS.test(note));
  return told || UNTOLD.has(signal) ? signal : null;
}

/** The beginnings of strsignal(3)'s texts in glibc and musl, after bash's `NAME: line N: PID` where bash wrote it. */
const SIGNAL_WORDS =
  /(?:^|\s)(?:Hangup|Quit|Illegal instruction|Trace\/breakpoint trap|Trace\/BPT trap|Abort|Bus error|Floating point exception|Arithmetic exception|Kill|User defined signal|Segmentation fault|Alarm clock|Terminated|Stack fault|CPU time limit|Cputime limit|File size limit|Virtual timer|Profiling timer|I\/O possible|Power failure|Bad system call|Real-time signal|Unknown signal)/i;
