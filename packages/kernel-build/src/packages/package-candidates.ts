import type { PackageFacts } from "./package-facts.js";

/** What the packages of a kernel are chosen from. */
export interface Candidates {
  /** What the person named, in that order. */
  readonly named: readonly PackageFacts[];
  /** The packages that stand beside those. */
  readonly beside: readonly PackageFacts[];
  /** Files that stand beside those and cannot be read. */
  readonly unreadable: readonly string[];
  /** `all`: of the packages beside, also those that nothing depends on (`linux-modules-extra`); `needed`: those that are needed only. */
  readonly take: "all" | "needed";
}
