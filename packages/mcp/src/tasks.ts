import { codedError } from "@vm/command-plan";
import { noticeText, type Host, type Notice } from "@vm/operations";
import { nextStep } from "@vm/operations/failure";

/** What has become of a task. Survives JSON. */
export interface TaskReport {
  readonly task: string;
  readonly state: "cancelled" | "done" | "failed" | "running";
  /** What was said meanwhile. */
  readonly notices: readonly string[];
  /** Of one that is done. */
  readonly result?: unknown;
  /** Of one that failed. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** What takes longer than an agent waits: begun, asked about, and ended. */
export interface Tasks {
  /** @throws `MCP_TOO_MANY_TASKS` */
  start(this: void, work: (host: Host) => Promise<unknown>): TaskReport;
  /** Waits for its end, for that time at most. @throws `MCP_NO_SUCH_TASK` */
  wait(this: void, name: string, timeoutMs: number): Promise<TaskReport>;
  /** Ends it, and settles when nothing of it is left. @throws `MCP_NO_SUCH_TASK` */
  cancel(this: void, name: string): Promise<TaskReport>;
  /** Ends all of them. */
  close(this: void): Promise<void>;
}

interface Task {
  report: TaskReport;
  readonly notices: string[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

const mostAtOnce = 4;
const mostKept = 100;
const mostNotices = 200;

export function openTasks(host: Host): Tasks {
  const tasks = new Map<string, Task>();
  let count = 0;
  const find = (name: string): Task => {
    const task = tasks.get(name);
    if (task !== undefined) return task;
    throw codedError("MCP_NO_SUCH_TASK", `there is no task ${name}`, {
      hint: tasks.size === 0 ? "None was begun." : `There are ${[...tasks.keys()].join(", ")}.`,
    });
  };
  const reportOf = ({ report, notices }: Task): TaskReport => ({ ...report, notices });
  return {
    start(work) {
      const running = [...tasks.values()].filter(({ report }) => report.state === "running");
      if (running.length >= mostAtOnce) {
        throw codedError("MCP_TOO_MANY_TASKS", `${running.length} tasks run already`, {
          hint: "Wait for one with the tool task, or end one with cancel_task.",
        });
      }
      const [oldest] = tasks;
      if (tasks.size >= mostKept && oldest?.[1].report.state !== "running") tasks.delete(oldest?.[0] ?? "");
      count += 1;
      const name = `task-${count}`;
      const stop = new AbortController();
      const notices: string[] = [];
      const notice = (each: Notice): void => {
        if (notices.length < mostNotices) notices.push(noticeText(each));
      };
      const begin = async (): Promise<void> => {
        try {
          const result = await work({ ...host, notice, signal: stop.signal });
          task.report = { ...task.report, state: stop.signal.aborted ? "cancelled" : "done", result };
        } catch (error) {
          task.report = stop.signal.aborted
            ? { ...task.report, state: "cancelled" }
            : { ...task.report, state: "failed", error: errorData(error) };
        }
      };
      // Begun when it is in the table.
      const task: Task = {
        report: { task: name, state: "running", notices },
        notices,
        stop,
        ended: Promise.resolve().then(begin),
      };
      tasks.set(name, task);
      return reportOf(task);
    },
    async wait(name, timeoutMs) {
      const task = find(name);
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([task.ended, over]);
      clearTimeout(timer);
      return reportOf(task);
    },
    async cancel(name) {
      const task = find(name);
      task.stop.abort(new Error("cancelled"));
      await task.ended;
      return reportOf(task);
    },
    async close() {
      for (const { stop } of tasks.values()) stop.abort(new Error("the server ends"));
      await Promise.all(Array.from(tasks.values(), ({ ended }) => ended));
    },
  };
}

/** An error as an agent gets it: `hint` is what a person reads below it. */
export function errorData(error: unknown): NonNullable<TaskReport["error"]> {
  const { code, message, hint }: { code?: unknown; message: string; hint?: unknown } =
    error instanceof Error ? error : { message: String(error) };
  const known = typeof code === "string" ? code : "INTERNAL_ERROR";
  const next = nextStep({ code: known, ...(typeof hint === "string" ? { hint } : {}) }, []);
  return { code: known, message, ...(next === undefined ? {} : { hint: next }) };
}
