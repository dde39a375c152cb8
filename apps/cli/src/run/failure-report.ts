import { describeFailure, type FailureReport, type Host, type ReportView } from "@vm/operations";
import { coloursFor, writeNotice, writeReport } from "../output.js";

/** Prints on standard error what the kernel complained of, and what kept lines of the source back. @throws `OUTPUT_LOST` */
export function writeFailure(
  failure: FailureReport,
  details: ReportView["details"],
  { command, env }: Pick<Host, "command" | "env">,
): void {
  const words = describeFailure(failure, command, details);
  writeReport(words, coloursFor(process.stderr, env));
  const [problem] = failure.problems;
  if (problem === undefined) return;
  const { message, hint } = problem;
  writeNotice(hint === undefined ? message : `${message}. ${hint}`);
}
