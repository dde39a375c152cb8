import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codedError, type Step } from "@vm/command-plan";
import { makeDirectory, randomName } from "@vm/host-files";
import {
  bootLimitMs,
  type Host,
  type SlurmQueue,
  type SubmitCellsRequest,
  type TestRequest,
} from "@vm/operations";
import { newestOfAll } from "../cells/cell-results.js";
import { cellCount, readManifest } from "../cells/manifest.js";
import { SLURM_LOGS } from "./batch-script.js";
import { complaintOf, runSlurm } from "./slurm-program.js";
import {
  planSubmission,
  submissionSteps,
  type Submission,
  type SubmissionRecord,
  type SubmissionSettings,
} from "./submission.js";

/** Where and how the cells of a plan are run. */
type SlurmSettings = Pick<SubmitCellsRequest, "jobs"> & { readonly on: SlurmQueue };

/** A job that was submitted. */
export interface Submitted {
  readonly record: SubmissionRecord;
  /** Slurm's number of it. */
  readonly job: string;
}

/** For a job, and for a directory that is there for one run: below the working directory, which the nodes have to share in any case. */
export function newRunName(): string {
  return `vm-test-${randomName()}`;
}

/** The oldest Slurm that this was tried with. */
const OLDEST: readonly [number, number] = [22, 5];

/** What the cluster has to say before anything is planned. @throws `SLURM_NOT_FOUND`, `SLURM_TOO_OLD`, `SLURM_SILENT` */
export async function askCluster(host: Host): Promise<Pick<SubmissionSettings, "maxArraySize">> {
  const version = await runSlurm(["sbatch", "--version"], host);
  const [, year, month] = /(\d+)\.(\d+)/.exec(version.stdout) ?? [];
  if (version.exitCode !== 0 || year === undefined) throw silent(complaintOf(version));
  if (Number(year) * 100 + Number(month) < OLDEST[0] * 100 + OLDEST[1]) {
    throw codedError(
      "SLURM_TOO_OLD",
      `this is Slurm ${year}.${month}; vm needs ${OLDEST[0]}.0${OLDEST[1]} or newer`,
      {
        hint: "Submit the cells by a script of your own: `vm test --plan DIR`, and `vm test --run DIR --cell N`.",
      },
    );
  }
  const answer = await runSlurm(["scontrol", "show", "config"], host);
  const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(answer.stdout) ?? [];
  if (answer.exitCode !== 0 || size === undefined) throw silent(complaintOf(answer));
  if (Number(size) < 2)
    throw codedError("SLURM_REFUSED", `this cluster takes no arrays of jobs: its MaxArraySize is ${size}`);
  return { maxArraySize: Number(size) };
}

/** Submits the cells of a plan as one array. @throws `PLAN_UNREADABLE`, `PLAN_UNWRITABLE`, `SLURM_REFUSED` and what `askCluster` throws */
export async function submitCells(
  directory: string,
  { on, jobs }: SlurmSettings,
  host: Host,
): Promise<Submitted> {
  const manifest = readManifest(directory);
  const submission = planSubmission({
    partition: on.partition,
    jobs,
    ...(await askCluster(host)),
    ...wants(manifest.request),
    directory,
    program: host.program,
    name: newRunName(),
    cells: cellCount(manifest),
    newestAttempt: newestOfAll(directory),
  });
  writeFiles(directory, submission);
  const answer = await runSlurm(submission.sbatch, host);
  const [job = ""] = answer.stdout.trim().split(";");
  if (answer.exitCode !== 0 || !/^\d+$/.test(job))
    throw codedError("SLURM_REFUSED", `Slurm refused the cells: ${complaintOf(answer)}`, {
      hint: "With --dry-run you see what is asked of it.",
    });
  return { record: submission.record, job };
}

/** The steps that submit the cells of a plan which may not be there yet. @param prints what stands on standard output */
export async function submissionScript(
  plan: {
    readonly directory: string;
    readonly cells: number;
    readonly newestAttempt: number;
    readonly request: TestRequest;
  },
  { on, jobs }: SlurmSettings,
  host: Host,
  prints: "job" | "nothing",
): Promise<Step[]> {
  const { directory, cells, newestAttempt, request } = plan;
  const submission = planSubmission({
    partition: on.partition,
    jobs,
    ...(await askCluster(host)),
    ...wants(request),
    directory,
    program: host.program,
    name: newRunName(),
    cells,
    newestAttempt,
  });
  return submissionSteps(submission, directory, prints);
}

function wants(request: TestRequest): Pick<SubmissionSettings, "bootLimitMs" | "request"> {
  return { request, bootLimitMs: bootLimitMs(request.command?.bootTimeoutMs) };
}

function silent(reason: string): Error {
  return codedError("SLURM_SILENT", `Slurm does not answer: ${reason}`, {
    hint: "Does `sinfo` work on this machine?",
  });
}

function writeFiles(directory: string, { files }: Submission): void {
  try {
    makeDirectory(join(directory, SLURM_LOGS));
    for (const { path, content, mode = 0o666 } of files) {
      const draft = `${path}.new-${randomName()}`;
      writeFileSync(draft, content, { flag: "wx", mode });
      renameSync(draft, path);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("PLAN_UNWRITABLE", `nothing can be written into ${directory}: ${reason}`, { cause });
  }
}
