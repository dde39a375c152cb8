import { join } from "node:path";
import type { Step } from "@vm/command-plan";
import type { TestRequest } from "@vm/operations";
import { parseMemoryMiB } from "@vm/qemu-argv";
import { batchScript, SLURM_LOGS, SLURM_ROOM } from "./batch-script.js";

/** What is asked of Slurm for the cells of a plan. */
export interface Submission {
  /** They are there before anything is submitted: whoever takes up again finds what was. */
  readonly files: readonly { readonly path: string; readonly content: string; readonly mode?: number }[];
  readonly record: SubmissionRecord;
  readonly sbatch: readonly ["sbatch", ...string[]];
}

/** What stands in `slurm/submission.json`: enough to find the job, whatever became of the one who submitted it. */
export interface SubmissionRecord {
  readonly format: "vm-slurm-submission";
  readonly version: 1;
  /** The job's name, which no other has. */
  readonly name: string;
  readonly cells: number;
  /** The tasks of the array; task T has every `tasks`th cell from T on. */
  readonly tasks: number;
  /** Number of the newest attempt at any cell before: older answers are not the job's. Absent in a plan of an older vm: 0. */
  readonly newestAttempt?: number;
}

export interface SubmissionSettings {
  /** The plan's; absolute. */
  readonly directory: string;
  /** What starts vm on a node; absolute. */
  readonly program: readonly string[];
  /** Nobody else's. */
  readonly name: string;
  readonly cells: number;
  /** Number of the newest attempt at any of the cells. */
  readonly newestAttempt: number;
  readonly partition?: string | undefined;
  /** The most guests at once. */
  readonly jobs?: number | undefined;
  /** The cluster's MaxArraySize: one more than the highest number of a task. */
  readonly maxArraySize: number;
  readonly request: Pick<TestRequest, "attempts" | "command" | "cpus" | "memory">;
  /** How long a guest may take to begin; undefined: for ever. */
  readonly bootLimitMs: number | undefined;
}

/** What vm and QEMU need beside the guest's memory. */
const OWN_MEMORY_MIB = 512;
/** What a cell may take beside its guest: an index of modules, an initramfs, a slow file system. */
const OWN_MS = 300_000;

/** One array, of no more tasks than the cluster has it: where there are more cells a task has several, one after another. */
export function planSubmission(settings: SubmissionSettings): Submission {
  const { directory, program, name, cells, newestAttempt, maxArraySize } = settings;
  const tasks = Math.max(1, Math.min(cells, maxArraySize - 1));
  const room = join(directory, SLURM_ROOM);
  const script = join(room, "cells.sh");
  const record: SubmissionRecord = {
    format: "vm-slurm-submission",
    version: 1,
    name,
    cells,
    tasks,
    newestAttempt,
  };
  return {
    files: [
      { path: script, content: batchScript({ directory, program, newestAttempt, tasks }), mode: 0o755 },
      { path: join(room, "submission.json"), content: `${JSON.stringify(record)}\n` },
    ],
    record,
    sbatch: ["sbatch", ...options(settings, tasks), script],
  };
}

/** What has no option here is left to sbatch's own variables: SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_QOS, SBATCH_CONSTRAINT... */
function options(
  { name, partition, jobs, request, bootLimitMs, cells }: SubmissionSettings,
  tasks: number,
): string[] {
  const { cpus = 1, memory = "1G", command, attempts = {} } = request;
  const guests = Math.ceil(cells / tasks) * (attempts.repeat ?? 1) * (1 + (attempts.retry ?? 0));
  const timeoutMs = command?.timeoutMs;
  const minutes =
    timeoutMs === undefined || bootLimitMs === undefined
      ? undefined
      : Math.ceil((guests * (timeoutMs + bootLimitMs + OWN_MS)) / 60_000);
  return [
    "--parsable",
    `--job-name=${name}`,
    `--array=1-${tasks}${jobs === undefined ? "" : `%${jobs}`}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    "--nodes=1",
    "--ntasks=1",
    `--cpus-per-task=${cpus}`,
    `--mem=${parseMemoryMiB(memory) + OWN_MEMORY_MIB}M`,
    ...(minutes === undefined ? [] : [`--time=${minutes}`]),
    "--requeue",
    "--export=ALL",
    "--chdir=/",
    "--input=/dev/null",
    "--output=/dev/null",
  ];
}

/** The steps that submit it. @param prints what stands on standard output: the number of the job, or nothing where something else is to */
export function submissionSteps(
  { files, sbatch }: Submission,
  directory: string,
  prints: "job" | "nothing",
): Step[] {
  return [
    { kind: "make-directory", path: join(directory, SLURM_LOGS), parents: true },
    ...files.map((file): Step => ({ kind: "write-file", ...file })),
    { kind: "run", argv: prints === "job" ? sbatch : ["sh", "-c", 'exec "$@" >&2', "sh", ...sbatch] },
  ];
}
