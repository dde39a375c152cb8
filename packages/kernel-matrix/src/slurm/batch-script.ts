import { join } from "node:path";
import { quoteShell } from "@vm/command-plan";

/** Where in a plan's directory stands what is about Slurm. */
export const SLURM_ROOM = "slurm";
/** Where the tasks' own words go, which nobody needs who has their answers. */
export const SLURM_LOGS: string = join(SLURM_ROOM, "logs");

/** What a task ends with that found no plan on its node, or no vm. */
export const NO_PLAN = 66;
export const NO_VM = 69;

/**
 * What each task of the array runs: its share of the cells. The number of the attempt counts how often Slurm has begun the task: what a node goes
 * on with that Slurm has given up is older than the next attempt, whenever it begins.
 */
export function batchScript({
  directory,
  program,
  newestAttempt,
  tasks,
}: {
  readonly directory: string;
  readonly program: readonly string[];
  readonly newestAttempt: number;
  readonly tasks: number;
}): string {
  const file = program.findLast((word) => word.startsWith("/")) ?? "";
  return `#!/bin/sh
# Cells of a plan of vm test, as a task of an array of Slurm's. What they come to goes into the plan's directory.
plan=${quoteShell(directory)}
[ -f "$plan/plan.json" ] || exit ${NO_PLAN}
exec >>"$plan/${SLURM_LOGS}/$SLURM_ARRAY_TASK_ID.log" 2>&1
[ -f ${quoteShell(file)} ] || exit ${NO_VM}
# It is the submitting machine's, and perhaps not here.
[ -d "\${XDG_RUNTIME_DIR:-/}" ] || unset XDG_RUNTIME_DIR
# Slurm kills what its slurmstepd has begun, and knows nothing of it when that one is gone: the guest has to end with it.
exec setpriv --pdeathsig TERM -- ${program.map(quoteShell).join(" ")} test --run "$plan" \\
  --shard "$SLURM_ARRAY_TASK_ID/${tasks}" --attempt "$((${newestAttempt + 1} + \${SLURM_RESTART_COUNT:-0}))" -j 1
`;
}
