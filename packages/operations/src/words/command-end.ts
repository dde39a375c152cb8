import type { CommandResult } from "@vm/guest-run";
import { startAdvice } from "../doctor-advice.js";
import type { FailureReport } from "../report/failure-report.js";
import type { OutcomeMeaning } from "../outcome.js";

/** What is said of a command's run that a status alone does not say. */
export interface CommandEndWords {
  /** Lines before the kernel's report. */
  readonly before: readonly string[];
  /** Whether the report is shown. */
  readonly isReportShown: boolean;
  /** Lines behind it: how the run ended, and what to do next. */
  readonly after: readonly string[];
}

/** How much of the console is shown after a failure of which the kernel said nothing; `--console` has all of it. */
const consoleLines = 25;

/** What the kernel complained of, else its last lines; and how the run ended. @param settings `console`: whether the person has seen all of it; `kernel`: what `-k` says */
export function describeCommandEnd(
  { outcome, consoleTail }: CommandResult,
  { sentence }: OutcomeMeaning,
  failure: FailureReport | null,
  { console, kernel }: { readonly console: "seen" | "unseen"; readonly kernel?: string | undefined },
): CommandEndWords {
  if (sentence === null) return { before: [], isReportShown: false, after: [] };
  const ofCommand = outcome.kind === "signalled" || outcome.kind === "stopped";
  const isStarted = outcome.kind !== "not-started";
  const isReported = failure !== null && failure.reports.length > 0 && isStarted;
  const isTailShown = !ofCommand && !isReported && console === "unseen" && consoleTail.length > 0;
  const advice =
    outcome.kind === "not-started"
      ? startAdvice(outcome.cause, kernel === undefined ? [] : [kernel])
      : undefined;
  return {
    before: isTailShown
      ? [
          "the last lines of the kernel's console:",
          ...consoleTail.slice(-consoleLines).map((line) => `  ${line}`),
        ]
      : [],
    isReportShown: !ofCommand && isStarted,
    after: [sentence, ...(advice === undefined ? [] : [`  ${advice}`])],
  };
}
