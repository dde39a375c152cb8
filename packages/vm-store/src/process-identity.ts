import { readFileSync, readlinkSync } from "node:fs";

/**
 * A process, so that no later one can be taken for it: a pid is used again, a pid with its start time is not (proc(5),
 * /proc/PID/stat, field 22). Both mean something only in one pid namespace of one boot.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since the boot. */
  readonly startTicks: number;
  /** The first eight hexadecimal digits of /proc/sys/kernel/random/boot_id. */
  readonly boot: string;
  /** The inode of /proc/PID/ns/pid. */
  readonly pidNamespace: number;
}

/** Whether a process still lives; `unknown` when it belongs to another pid namespace, whose pids cannot be seen from here. */
export type Liveness = "alive" | "dead" | "unknown";

/** Who we are. */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid);
  if (identity === undefined) throw new Error("/proc/self/stat cannot be read: is /proc mounted?");
  return identity;
}

/** Who a process of our own pid namespace is; undefined where there is none of that pid. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTicks = startTicksOf(pid);
  if (startTicks === undefined) return undefined;
  return { pid, startTicks, boot: currentBoot(), pidNamespace: currentPidNamespace() };
}

/** Whether the process that once gave this identity still lives. */
export function livenessOf(identity: ProcessIdentity): Liveness {
  if (identity.boot !== currentBoot()) return "dead";
  if (identity.pidNamespace !== currentPidNamespace()) return "unknown";
  return startTicksOf(identity.pid) === identity.startTicks ? "alive" : "dead";
}

/** When a process started; `undefined` when there is none of that pid, or only what is left of it (a zombie). */
function startTicksOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses, and may hold anything, `) ` too.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  return state === "Z" || state === "X" ? undefined : Number(fields[19]);
}

export function currentBoot(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
}

function currentPidNamespace(): number {
  const [, inode] = /\[(\d+)\]/.exec(readlinkSync("/proc/self/ns/pid")) ?? [];
  return Number(inode);
}
