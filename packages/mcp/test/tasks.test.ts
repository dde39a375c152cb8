import { EventEmitter, once } from "node:events";
import { codedError } from "@vm/command-plan";
import { processHost } from "@vm/operations";
import { expect, test } from "vitest";
import { errorData, openTasks } from "../src/tasks.js";

const host = processHost({ env: {}, cwd: "/", command: ["vm", "mcp"], notice: () => {} });

test("a task is asked about until it is done, with what was said meanwhile", async () => {
  const tasks = openTasks(host);
  const work = new EventEmitter();
  const { task, state } = tasks.start(async (its) => {
    its.notice({ kind: "remark", message: "begun" });
    const [said]: unknown[] = await once(work, "end");
    return said;
  });
  expect(state).toBe("running");
  expect(await tasks.wait(task, 0)).toMatchObject({ state: "running" });
  work.emit("end", "the answer");
  expect(await tasks.wait(task, 10_000)).toMatchObject({
    state: "done",
    result: "the answer",
    notices: ["begun"],
  });
});

test("a task that is cancelled ends before the answer, and so do all when the server ends", async () => {
  const tasks = openTasks(host);
  let ended = 0;
  const untilStopped = async (its: typeof host): Promise<void> => {
    // It may be over before it begins.
    if (its.signal?.aborted === false) await once(its.signal, "abort");
    ended += 1;
    throw new Error("stopped");
  };
  const [first] = [tasks.start(untilStopped), tasks.start(untilStopped)];
  expect(await tasks.cancel(first.task)).toMatchObject({ state: "cancelled" });
  expect(ended).toBe(1);
  await tasks.close();
  expect(ended).toBe(2);
});

test("an error is the task's, and more than four at once are refused", async () => {
  const tasks = openTasks(host);
  const failed = tasks.start(() =>
    Promise.reject(Object.assign(new Error("no"), { code: "ODD", hint: "Try." })),
  );
  expect(await tasks.wait(failed.task, 10_000)).toMatchObject({
    state: "failed",
    error: { code: "ODD", message: "no", hint: "Try." },
  });
  const work = new EventEmitter();
  const untilEnd = (): Promise<unknown> => once(work, "end");
  for (let count = 0; count < 4; count += 1) tasks.start(untilEnd);
  expect(() => tasks.start(untilEnd)).toThrow(expect.objectContaining({ code: "MCP_TOO_MANY_TASKS" }));
  await expect(tasks.wait("task-9", 0)).rejects.toMatchObject({ code: "MCP_NO_SUCH_TASK" });
  // Each has begun once something else was waited for.
  await tasks.wait("task-2", 0);
  work.emit("end");
  await tasks.close();
});

test("an error has the next step that a person is told", () => {
  const missing = codedError("QEMU_NOT_FOUND", "no QEMU", { hint: "Install it." });
  expect(errorData(missing)).toEqual({
    code: "QEMU_NOT_FOUND",
    message: "no QEMU",
    hint: "Install it. `vm doctor` tells what this machine lacks.",
  });
  expect(errorData(new Error("no"))).toEqual({ code: "INTERNAL_ERROR", message: "no" });
});
