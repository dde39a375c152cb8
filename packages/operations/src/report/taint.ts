import type { ComplaintKind, KernelReport } from "@vm/kernel-report";

/** Why developers may not trust a kernel any more, as words: `OOT_MODULE`. */
export interface Taint {
  /** What the first report says. */
  readonly before: readonly string[];
  /** What the last one says, and what its own event adds. */
  readonly after: readonly string[];
}

/** Null where no report tells. */
export function taintOf(reports: readonly KernelReport[]): Taint | null {
  const told = reports.flatMap(({ lines, kind }) =>
    lines.flatMap(({ text }) => {
      const flags = TAINTED.exec(text);
      return flags === null ? [] : [{ kind, names: namesOf(flags[1] ?? "") }];
    }),
  );
  const [first] = told;
  const last = told.at(-1);
  if (first === undefined || last === undefined) return null;
  const added = reports.flatMap(({ kind }) => ADDS[kind] ?? []);
  return { before: first.names, after: [...new Set([...last.names, ...added])] };
}

/** `CPU: 0 ... Comm: insmod Tainted: G           O        7.2.13 #1`. Source: lib/dump_stack.c, kernel/hung_task.c */
const TAINTED = /(?:Not tainted|Tainted: ([A-Z ]+?)) +\S+ #\d+/;

/** What an event itself adds, after its report. Source: the add_taint() of kernel/panic.c, kernel/watchdog.c, mm/kasan/report.c. */
const ADDS: Partial<Record<ComplaintKind, string>> = {
  oops: "DIE",
  warn: "WARN",
  softlockup: "SOFTLOCKUP",
  kasan: "BAD_PAGE",
};

function namesOf(flags: string): string[] {
  return flags.split("").flatMap((letter) => NAMES[letter] ?? []);
}

/** The words for the number in /proc/sys/kernel/tainted. Source: kernel/panic.c, `taint_flags`: the bits are in their order. */
export function taintNames(value: number): string[] {
  return BITS.split("").flatMap((letter, bit) => ((value >>> bit) & 1 ? (NAMES[letter] ?? []) : []));
}

const BITS = "PFSRMBUDAWCIOELKXTNJ";

/** G only says that no module is proprietary. Source: kernel/panic.c, `taint_flags`. */
const NAMES: Readonly<Record<string, string>> = {
  P: "PROPRIETARY_MODULE",
  F: "FORCED_MODULE",
  S: "CPU_OUT_OF_SPEC",
  R: "FORCED_RMMOD",
  M: "MACHINE_CHECK",
  B: "BAD_PAGE",
  U: "USER",
  D: "DIE",
  A: "OVERRIDDEN_ACPI_TABLE",
  W: "WARN",
  C: "CRAP",
  I: "FIRMWARE_WORKAROUND",
  O: "OOT_MODULE",
  E: "UNSIGNED_MODULE",
  L: "SOFTLOCKUP",
  K: "LIVEPATCH",
  X: "AUX",
  T: "RANDSTRUCT",
  N: "TEST",
  J: "FWCTL",
};
