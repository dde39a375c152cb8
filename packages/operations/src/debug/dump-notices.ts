import type { DumpOutcome } from "@vm/guest-run";
import { remark, type Notice } from "../notice.js";

/** What came of a dump. */
export function dumpNotices(outcome: DumpOutcome | null): Notice[] {
  if (outcome === null) return [];
  if ("file" in outcome) return [remark(`the guest's memory is in ${outcome.file}`)];
  const { error } = outcome;
  const hint = "hint" in error && typeof error.hint === "string" ? [remark(`  ${error.hint}`)] : [];
  return [remark(error.message), ...hint];
}
