import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isOnLocalFileSystem, noFlock } from "@vm/host-files";
import { readCaught } from "../caught-error.js";
import { LOCK_FILE, parseRecord, type LockHolder, type LockRecord } from "../lock.js";
import { readFileQuickly } from "./quick-file.js";
import { currentBoot } from "../process-identity.js";

/** As `readVmLock`; `unknown` where the lock's file cannot be read. */
export type SurveyedLock =
  | ({ readonly state: "running" } & Partial<LockHolder>)
  | { readonly state: "stopped" | "unknown" };

/**
 * Which of many VMs run. What the lock's own file says is believed where it can be no other way: it is absent or empty (nobody ran it, or the
 * run ended well), or was written before this machine was started. For all others one program asks for the locks themselves.
 * @param directories of the VMs, absolute
 * @throws FLOCK_NOT_FOUND
 */
export function surveyLocks(directories: readonly string[]): SurveyedLock[] {
  const boot = currentBoot();
  const doubtful: { readonly at: number; readonly record: LockRecord | undefined }[] = [];
  const states = directories.map((directory, at): SurveyedLock => {
    let text: string;
    try {
      text = readFileQuickly(`${directory}/${LOCK_FILE}`);
    } catch (error) {
      return { state: readCaught(error).code === "ENOENT" ? "stopped" : "unknown" };
    }
    if (text === "") return { state: "stopped" };
    const record = parseRecord(text);
    // Locks of a file system that other machines mount may be held by one of them.
    if (record !== undefined && record.process.boot !== boot && isOnLocalFileSystem(directory))
      return { state: "stopped" };
    doubtful.push({ at, record });
    return { state: "unknown" };
  });
  for (const { at, record, isHeld } of askForLocks(doubtful, directories)) {
    states[at] = isHeld ? runningBy(record) : { state: "stopped" };
  }
  return states;
}

function runningBy(record: LockRecord | undefined): SurveyedLock {
  if (record === undefined) return { state: "running" };
  const { process, ...holder } = record;
  return { state: "running", pid: process.pid, ...holder };
}

/** One line for each file: 0 it is free, 1 somebody has it. Those that share a lock are seen only by one who wants it alone. */
const askScript = `while [ $# -gt 0 ]; do
  if exec 9< "$2"; then if [ "$1" = alone ]; then flock -x -w 0.2 9; else flock -s -n 9; fi; echo $?; else echo 0; fi
  shift 2
done 2> /dev/null`;

const filesAtOnce = 500;

function* askForLocks(
  doubtful: readonly { readonly at: number; readonly record: LockRecord | undefined }[],
  directories: readonly string[],
): Generator<{ readonly at: number; readonly record: LockRecord | undefined; readonly isHeld: boolean }> {
  for (let start = 0; start < doubtful.length; start += filesAtOnce) {
    const some = doubtful.slice(start, start + filesAtOnce);
    const words = some.flatMap(({ at, record }) => [
      record?.ephemeral === true ? "alone" : "beside",
      join(directories[at] ?? "", LOCK_FILE),
    ]);
    const { stdout, error } = spawnSync("sh", ["-c", askScript, "sh", ...words], { encoding: "utf8" });
    if (error !== undefined) throw error;
    const answers = stdout.split("\n");
    for (const [index, { at, record }] of some.entries()) {
      const status = Number(answers[index]);
      if (status === 127) throw noFlock(Object.assign(new Error("flock"), { code: "ENOENT" }));
      if (status === 0 || status === 1) yield { at, record, isHeld: status === 1 };
    }
  }
}
