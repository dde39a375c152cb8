import { resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { warning, type Host, type SshHosts, type SubmitCellsRequest } from "@vm/operations";
import { collectCells, openCollection } from "../cells/collect-cells.js";
import { planCells } from "../cells/plan-cells.js";
import type { MatrixFrontEnd } from "../matrix-show.js";
import { planTests } from "../test-run.js";
import { connectHost, type HostSession } from "./host-session.js";
import { withPlanDraft } from "./shipped-kernel.js";
import { endSessions, sshQueue } from "./ssh-queue.js";

type SshRequest = SubmitCellsRequest & { readonly on: SshHosts };

/** Plans a matrix, lets hosts run its cells, and reports on them as on a run here. Their vm has to be of the same version. */
export async function runOnHosts(request: SshRequest, frontEnd: MatrixFrontEnd, host: Host): Promise<void> {
  const { directory } = request;
  // Before a kernel is built for hosts that cannot run it.
  const sessions = await connectHosts(request.on.hosts, frontEnd.version, host);
  try {
    if (directory !== undefined)
      await runIn(resolve(host.cwd, directory), request, { sessions, frontEnd }, host);
    else await withPlanDraft(host, (draft) => runIn(draft, request, { sessions, frontEnd }, host));
  } finally {
    await endSessions(sessions);
  }
}

/** What that would refuse without asking a host is refused here as well, and nothing else is done. */
export function checkHostsRun({ test, directory = "" }: SubmitCellsRequest, host: Host): void {
  if (test !== undefined) planTests(test, host);
  else openCollection({ operation: "collect-cells", directory }, host);
}

/** @throws the only reason, or `HOST_UNUSABLE` with all of them, where no host can be used */
async function connectHosts(hosts: readonly string[], version: string, host: Host): Promise<HostSession[]> {
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

async function runIn(
  directory: string,
  { test, jobs, flaky = "pass", onFailure = "go-on" }: SubmitCellsRequest,
  { sessions, frontEnd }: { readonly sessions: readonly HostSession[]; readonly frontEnd: MatrixFrontEnd },
  host: Host,
): Promise<void> {
  if (test !== undefined) await planCells({ operation: "plan-cells", test, directory }, host, frontEnd);
  const collection = openCollection(
    { operation: "collect-cells", directory, wait: "until-answered", flaky, onFailure },
    host,
  );
  await frontEnd.show(collection.total, async (watch) => {
    const queue = sshQueue(collection, sessions, jobs, host);
    const after = collection.newestAttempt;
    const result = await collectCells(collection, host, { ...watch, queue, after, onStop: "cancel" });
    await queue.cancel();
    return result;
  });
}
