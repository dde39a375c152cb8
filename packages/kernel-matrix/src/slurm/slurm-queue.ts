import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codedError, errorCode, plainLine, quoteShell } from "@vm/command-plan";
import { readRegularText } from "@vm/host-files";
import { warning, type Host } from "@vm/operations";
import type { CellQueue } from "../cells/cell-queue.js";
import { NO_PLAN, NO_VM, SLURM_LOGS, SLURM_ROOM } from "./batch-script.js";
import { complaintOf, runSlurm } from "./slurm-program.js";
import type { SubmissionRecord } from "./submission.js";

/** A task as squeue tells it. */
interface Task {
  /** `12_3`. */
  readonly id: string;
  readonly state: string;
  readonly node: string;
  readonly reason: string;
}

/** States in which Slurm does nothing more with a task (JOB STATE CODES of squeue(1)); all others may run, or run again. */
const endStates: ReadonlySet<string> = new Set([
  "BOOT_FAIL",
  "CANCELLED",
  "COMPLETED",
  "DEADLINE",
  "FAILED",
  "LAUNCH_FAILED",
  "NODE_FAIL",
  "OUT_OF_MEMORY",
  "PREEMPTED",
  "REVOKED",
  "TIMEOUT",
]);

/** Why a task waits, where it will have its turn without anybody's help. */
const patientReasons: ReadonlySet<string> = new Set([
  "None",
  "Priority",
  "Resources",
  "JobArrayTaskLimit",
  "BeginTime",
  "Cleaning",
  "Dependency",
]);

const PAUSE_MS = 2000;
/** How long a node may be down, a partition closed, and nobody is told of it. */
const PATIENCE_MS = 60_000;
/** How long squeue may try to reach slurmctld. */
const ANSWER_MS = 30_000;
/** How long tasks that were cancelled may take to end: SIGKILL comes after KillWait, 30 s by default. */
const CANCEL_MS = 120_000;

/** What was submitted of a plan; undefined where nothing was. @throws `PLAN_UNREADABLE` */
export function readSubmission(directory: string): SubmissionRecord | undefined {
  const file = join(directory, SLURM_ROOM, "submission.json");
  try {
    const value: unknown = JSON.parse(readRegularText(file));
    if (isRecord(value)) return value;
    throw new Error("it is none of this version of vm");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT" || errorCode(cause) === "ENOTDIR") return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("PLAN_UNREADABLE", `${file} cannot be used: ${reason}`, { cause });
  }
}

function isRecord(value: unknown): value is SubmissionRecord {
  if (typeof value !== "object" || value === null) return false;
  const fields: Partial<Record<string, unknown>> = { ...value };
  const { format, version, name, cells, tasks, newestAttempt = 0 } = fields;
  return (
    format === "vm-slurm-submission" &&
    version === 1 &&
    typeof name === "string" &&
    Number.isInteger(cells) &&
    Number.isInteger(tasks) &&
    Number.isInteger(newestAttempt)
  );
}

/** The job of a submission, in Slurm's queue. It is found by its name. */
export function slurmQueue(
  directory: string,
  { name, cells, tasks: total }: SubmissionRecord,
  host: Host,
): CellQueue {
  const told = new Set<string>();
  const tellOnce = (code: string, message: string, hint?: string): void => {
    if (told.has(message)) return;
    told.add(message);
    host.notice(warning(code, message, hint));
  };
  let known = new Map<number, Task>();
  let waitingSince = new Map<string, number>();

  const ask = async (): Promise<Map<number, Task>> => {
    const answer = await runSlurm(
      ["squeue", "--noheader", "--array", "--states=all", `--name=${name}`, "--format=%i|%T|%N|%r"],
      host,
      ANSWER_MS,
    );
    if (answer.exitCode !== 0) throw codedError("SLURM_SILENT", complaintOf(answer));
    return readTasks(answer.stdout);
  };

  return {
    pauseMs: PAUSE_MS,
    async ended() {
      try {
        known = await ask();
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        tellOnce("SLURM_SILENT", `Slurm does not answer, and is asked again: ${message}`);
        return null;
      }
      const now = performance.now();
      const reasons = new Set(
        [...known.values()].flatMap(({ state, reason }) => (state === "PENDING" ? [reason] : [])),
      );
      waitingSince = new Map([...reasons].map((reason) => [reason, waitingSince.get(reason) ?? now]));
      for (const [reason, since] of waitingSince) {
        if (!patientReasons.has(reason) && now - since > PATIENCE_MS)
          tellOnce("SLURM_WAITS", `Slurm does not begin cells of ${name}: ${plainLine(reason)}`);
      }
      const ended = new Map<number, string>();
      for (let cell = 1; cell <= cells; cell++) {
        const how = endOf(known.get(((cell - 1) % total) + 1), name);
        if (how !== undefined) ended.set(cell, how);
      }
      return ended;
    },
    async explain(cell) {
      const task = ((cell - 1) % total) + 1;
      const found = known.get(task);
      const exit = found === undefined ? undefined : await exitCodeOf(found.id, host);
      if (exit === NO_PLAN)
        return `: ${found?.node} does not see ${directory}; plan into a directory that all nodes share (--plan DIR)`;
      if (exit === NO_VM) return `: ${found?.node} does not see ${host.program.join(" ")}, which is this vm`;
      const words = lastWords(join(directory, SLURM_LOGS, `${task}.log`));
      return `${exit === undefined || exit === 0 ? "" : `, with exit code ${exit}`}${words === "" ? "" : `: ${words}`}`;
    },
    async cancel() {
      const byHand = `scancel --name=${quoteShell(name)}`;
      const deadline = performance.now() + CANCEL_MS;
      for (;;) {
        const { exitCode, ...rest } = await runSlurm(["scancel", `--name=${name}`], host);
        const running = exitCode === 0 ? await ask().catch(() => undefined) : undefined;
        if (running !== undefined && [...running.values()].every(({ state }) => endStates.has(state))) return;
        if (performance.now() > deadline) {
          throw codedError(
            "SLURM_NOT_CANCELLED",
            `Slurm was told to cancel the cells and did not say that they have ended${exitCode === 0 ? "" : `: ${complaintOf({ exitCode, ...rest })}`}`,
            { hint: `Their guests may still run. Once more: ${byHand}` },
          );
        }
        await sleep(200);
      }
    },
  };
}

/** How a task ended; undefined: it has not. */
function endOf(task: Task | undefined, name: string): string | undefined {
  if (task === undefined) return `Slurm knows of no job ${name} that has it any more`;
  const { id, state, node } = task;
  if (!endStates.has(state)) return undefined;
  return `Slurm's ${id} ended as ${state}${node === "" ? "" : ` on ${node}`}`;
}

/** By number of the task; of several with one number, which two submissions of a script make, the one that may go on. */
function readTasks(text: string): Map<number, Task> {
  const tasks = new Map<number, Task>();
  for (const line of text.split("\n")) {
    const [id = "", state = "", node = "", reason = ""] = line.split("|");
    const task = Number(/_(\d+)$/.exec(id)?.[1]);
    if (!Number.isInteger(task)) continue;
    const other = tasks.get(task);
    if (other === undefined || endStates.has(other.state)) tasks.set(task, { id, state, node, reason });
  }
  return tasks;
}

/** What a task's script exited with; undefined where Slurm does not know, or a signal killed it. */
async function exitCodeOf(id: string, host: Host): Promise<number | undefined> {
  try {
    const { stdout } = await runSlurm(["scontrol", "--oneliner", "show", "job", id], host, ANSWER_MS);
    const [, status, signal] = /\bExitCode=(\d+):(\d+)/.exec(stdout) ?? [];
    return status === undefined || signal !== "0" ? undefined : Number(status);
  } catch {
    return undefined;
  }
}

function lastWords(file: string): string {
  try {
    const line = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .findLast((text) => text.trim() !== "");
    return plainLine(line ?? "").slice(0, 500);
  } catch {
    return "";
  }
}
