import { resolve } from "node:path";
import { codedError, toScript } from "@vm/command-plan";
import { cellWords, type MatrixOptions } from "@vm/command-requests";
import {
  collectCells,
  connectHost,
  endSessions,
  openCollection,
  planCells,
  planTests,
  sshQueue,
  withPlanDraft,
  type HostSession,
} from "@vm/kernel-matrix";
import { warning, type Host, type SshHosts, type SubmitCellsRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { readManifest } from "../own-version.js";
import { showCells } from "./cell-run.js";

/** Plans a matrix, lets hosts run its cells, and reports on them as on a run here. The script of a dry run is the command itself. */
export async function testOnHosts(
  request: SubmitCellsRequest,
  { hosts }: SshHosts,
  options: MatrixOptions,
  context: CommandContext,
): Promise<void> {
  const host = ownHost(context);
  const { test, directory } = request;
  if (options.dryRun === true) {
    if (test !== undefined) planTests(test, host);
    else openCollection({ operation: "collect-cells", directory: directory ?? "" }, host);
    writeOutput(toScript(host.repeat()));
    return;
  }
  // Before a kernel is built for hosts that cannot run it.
  const sessions = await connectHosts(hosts, host);
  try {
    if (directory !== undefined)
      await runOnHosts(request, resolve(context.cwd, directory), sessions, options, context);
    else {
      await withPlanDraft(host, (draft) => runOnHosts(request, draft, sessions, options, context));
    }
  } finally {
    await endSessions(sessions);
  }
}

/** @throws the only reason, or `HOST_UNUSABLE` with all of them, where no host can be used */
async function connectHosts(hosts: readonly string[], host: Host): Promise<HostSession[]> {
  const { version } = readManifest();
  const answers = await Promise.allSettled(hosts.map((name) => connectHost(name, version, host)));
  const sessions = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const failures = answers.flatMap((answer, index) => {
    if (answer.status === "fulfilled") return [];
    const reason: unknown = answer.reason;
    return [
      { name: hosts[index] ?? "", reason: reason instanceof Error ? reason : new Error(String(reason)) },
    ];
  });
  const said = failures.map(({ name, reason }) => `${name}: ${reason.message}`);
  if (sessions.length === 0) {
    throw codedError("HOST_UNUSABLE", `no host can run the cells: ${said.join("; ")}`, {
      hint: "Does `ssh -o BatchMode=yes HOST vm --version` work for each of them?",
    });
  }
  for (const text of said) host.notice(warning("HOST_UNUSABLE", `${text}; the others run the cells`));
  return sessions;
}

async function runOnHosts(
  { test, jobs, flaky = "pass", onFailure = "go-on" }: SubmitCellsRequest,
  directory: string,
  sessions: readonly HostSession[],
  options: MatrixOptions,
  context: CommandContext,
): Promise<void> {
  const host = ownHost(context);
  if (test !== undefined) {
    await planCells({ operation: "plan-cells", test, directory }, host, (kernel, column) =>
      cellWords(options, { program: host.program, kernel, test: column }),
    );
  }
  const collection = openCollection(
    { operation: "collect-cells", directory, wait: "until-answered", flaky, onFailure },
    host,
  );
  await showCells(collection.total, options, context, async (watch) => {
    const queue = sshQueue(collection, sessions, jobs, host);
    const result = await collectCells(collection, host, { ...watch, queue, onStop: "cancel" });
    await queue.cancel();
    return result;
  });
}
