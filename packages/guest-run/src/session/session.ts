import type { CommandPlan } from "../protocol/plan.js";
import type { CommandRequest } from "../protocol/request.js";
import { makeShareDirectory, removeShareDirectory } from "../share/directory.js";
import { carryOut, connect, readerPace } from "./connections.js";
import { outputsOf, type OutputSource } from "./connected-streams.js";
import type { SessionEvent } from "./events.js";
import { startQemu } from "./qemu-process.js";
import type { CommandResult } from "./result.js";
import type { RunCommand } from "./run-request.js";
import { beginSession, type SessionRules } from "./state.js";
import { stepDriver } from "./step-driver.js";
import { step } from "./step.js";
import { verdict } from "./verdict.js";

/**
 * Starts QEMU with the plan, and follows it to its end: connects processes and streams with the steps of a session. What follows from
 * what is decided there (step.ts), and what it all means in verdict.ts.
 */
export async function commandSession({
  run,
  request,
  plan,
  argv,
  start,
}: {
  readonly run: RunCommand;
  readonly request: CommandRequest;
  readonly plan: CommandPlan;
  readonly argv: readonly [string, ...string[]];
  readonly start: number;
}): Promise<CommandResult> {
  const now = (): number => performance.now() - start;
  makeShareDirectory(plan.shares);
  const qemu = startQemu({
    argv,
    channels: plan.channels,
    cwd: plan.directory,
    env: run.env ?? process.env,
    ...(plan.lockFd === undefined ? {} : { lockFd: plan.lockFd }),
  });
  const outputs = outputsOf(run, qemu);
  const rules = sessionRules(run, plan, outputs);
  const session = stepDriver({
    begin: beginSession(rules),
    step,
    perform: (effect) => carryOut(effect, connections),
    onTimer: (timer): SessionEvent => ({ kind: "timer", timer, readers: readerPace(connections) }),
  });
  const { dispatch } = session;
  const connections = connect({
    run,
    request,
    plan,
    qemu,
    outputs,
    hasPanicked: () => session.state.seen.complaints.some(({ kind }) => kind === "panic"),
    now,
    dispatch,
  });
  run.onStart?.({
    pid: qemu.pid,
    argv,
    signal(name) {
      dispatch({ kind: "signal", name });
      return session.state.seen.commandBegan;
    },
    resize: (rows, columns) => dispatch({ kind: "resize", rows, columns }),
    stop: (signal) => dispatch({ kind: "stop", signal }),
  });

  const end = await qemu.end;
  dispatch({ kind: "qemu-ended", end });
  removeShareDirectory(plan.shares);
  connections.input.disconnect();
  // A slow reader is waited for.
  await Promise.all([...connections.outputs, connections.console].map((to) => to.finish()));
  session.close();
  const { seen, at, release, droppedComplaints, closedOutputs, failure } = session.state;
  if (failure !== null) throw failure;
  return {
    outcome: verdict(seen, end, rules.failOn),
    complaints: seen.complaints,
    droppedComplaints,
    release,
    durations: { ...at, totalMs: now() },
    consoleTail: connections.console.tail(),
    complaintLines: connections.console.complaintLines(),
    closedOutputs,
    argv,
    qemuStderr: end.stderr,
    command: request.command,
    dump: connections.dump?.outcome ?? null,
  };
}

function sessionRules(
  { patience = "usual", timeoutMs, bootTimeoutMs, failOn, failed = "ended", guest }: RunCommand,
  { writes }: CommandPlan,
  outputs: readonly OutputSource[],
): SessionRules {
  return {
    writes,
    patience,
    timeoutMs: timeoutMs ?? null,
    bootTimeoutMs: bootTimeoutMs ?? null,
    outputs: outputs.map(({ channel }) => channel),
    lacksModules: lacksModules(guest),
    failOn: new Set(failOn),
    failed,
  };
}

function lacksModules(guest: RunCommand["guest"]): boolean {
  if (guest.kind !== "embedded") return false;
  const { tree, configFile, initrd } = guest.kernel;
  return tree === undefined && configFile === undefined && initrd === undefined;
}
