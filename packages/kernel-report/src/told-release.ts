import type { KernelReport } from "./report-parser.js";

/** The release of the kernel that wrote a report, as its stack's head tells it; null where it does not. */
export function toldRelease({ lines }: Pick<KernelReport, "lines">): string | null {
  return lines.flatMap(({ text }) => RELEASE.exec(text)?.[1] ?? [])[0] ?? null;
}

/** `CPU: 0 UID: 0 PID: 71 Comm: insmod Tainted: G           O       7.2.13 #1 PREEMPT`. Source: lib/dump_stack.c */
const RELEASE = /^CPU: \d+ .*\bComm: .*(?:Not tainted|Tainted: [A-Z ]+?) +(\S+) #\d+/;
