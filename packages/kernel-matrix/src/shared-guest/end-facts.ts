/** What the guest says of itself when a test has ended. */
export interface EndFacts {
  readonly status: number;
  /** The console has a mark as well. */
  readonly hasConsole: boolean;
  /** /proc/sys/kernel/tainted. */
  readonly tainted: number;
  readonly oopses: number;
  readonly warnings: number;
  readonly release: string | null;
  /** The shell's word on a signal; empty where it said none. */
  readonly note: string;
}

const FORM = /^e \d+ (\d{1,3}) ([01]) (\d+|-) (\d+|-) (\d+|-)(?: ([\w.+~-]{1,64}))?(?: (.*))?$/;

/** The words behind the mark of an end; null for what is none. */
export function endFacts(words: string): EndFacts | null {
  const [, status, console, tainted, oopses, warnings, release, note = ""] = FORM.exec(words) ?? [];
  if (status === undefined) return null;
  return {
    status: Number(status),
    hasConsole: console === "1",
    tainted: countOf(tainted),
    oopses: countOf(oopses),
    warnings: countOf(warnings),
    release: release ?? null,
    note: note.trim(),
  };
}

/** `-`: the kernel does not say. */
function countOf(text: string | undefined): number {
  return text === undefined || text === "-" ? 0 : Number(text);
}
