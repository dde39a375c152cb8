import type { KernelCounts } from "../protocol/status-protocol.js";
import type { KernelComplaint } from "./outcome.js";

/** What the kernel has counted and its console has not shown, whatever the reason. Pure; `told` is all that came over the console. */
export function untoldComplaints(
  { oopses, warnings }: KernelCounts,
  told: readonly KernelComplaint[],
): KernelComplaint[] {
  const complaints: KernelComplaint[] = [];
  if (oopses > 0 && told.every(({ kind }) => kind !== "oops" && kind !== "panic")) {
    complaints.push({ kind: "oops", line: "The kernel has counted an oops that its console did not show." });
  }
  // Many a report of another kind is counted as a warning.
  if (warnings > 0 && told.every(({ kind }) => kind === "taint")) {
    complaints.push({
      kind: "warn",
      line: "The kernel has counted a warning that its console did not show.",
    });
  }
  return complaints;
}
