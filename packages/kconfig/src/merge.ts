import type { ExecuteOptions, StepFailure } from "@vm/command-plan";
import { execute } from "@vm/command-plan";
import { readRegularText } from "@vm/host-files";
import type { ConfigValues } from "./config-text.js";
import { parseConfig } from "./config-text.js";
import type { Explanation } from "./explanation.js";
import { explainLost } from "./explanation.js";
import type { WantedOption } from "./fragment.js";
import { readKconfig } from "./kconfig-reader.js";
import type { LostOption } from "./lost-option.js";
import { lostOptions } from "./lost-option.js";
import type { Merge } from "./merge-plan.js";

/** A lost option with the reason, where a source tree could give one. */
export type ExplainedLoss = LostOption & { readonly why: Explanation | null };

export interface MergeReport {
  /** The file with the merged configuration. */
  readonly output: string;
  /** How many options were wanted. */
  readonly wanted: number;
  /** What did not stick; empty where the plan did not come to its end. */
  readonly lost: readonly ExplainedLoss[];
  /** Of the plan: 0, or that of the step that failed. */
  readonly exitCode: number;
  readonly failure?: StepFailure;
}

/** Does a merge, and looks at what came out. Leaves the old configuration in place when a step fails. */
export async function executeMerge(merge: Merge, options: ExecuteOptions = {}): Promise<MergeReport> {
  const { output, wanted } = merge;
  const outcome = await execute(merge.plan, options);
  if (outcome.exitCode !== 0) {
    return { output, wanted: wanted.length, lost: [], ...outcome };
  }
  const config = parseConfig(readRegularText(output));
  const source = { directory: merge.source, srcarch: merge.arch.directory };
  return { output, wanted: wanted.length, lost: explainAll(wanted, config, source), exitCode: 0 };
}

/** The wanted options that `config` does not have, each with its reason; the source is read only where there is one to explain. */
export function explainAll(
  wanted: readonly WantedOption[],
  config: ConfigValues,
  source: { readonly directory: string; readonly srcarch: string } | null,
): ExplainedLoss[] {
  const lost = lostOptions(wanted, config);
  if (lost.length === 0) return [];
  const tree = source === null ? null : readKconfig(source.directory, source.srcarch);
  return lost.map((loss) => ({ ...loss, why: tree === null ? null : explainLost(loss, tree, config) }));
}
