import type { CommandPlan } from "../protocol/plan.js";
import type { KernelCounts } from "../protocol/status-protocol.js";
import type { OutputChannel, SessionEffect, SessionTimer } from "./events.js";
import type { ComplaintKind } from "@vm/kernel-report";
import type { QemuEnd } from "./qemu-process.js";
import type { CommandDurations } from "./result.js";
import type { TimerEffect, Transition } from "./step-driver.js";
import type { Observations } from "./verdict.js";

/** What is settled before the guest starts. */
export interface SessionRules {
  readonly writes: CommandPlan["writes"];
  /** `endless`: neither a panic nor a hang ends the guest. */
  readonly patience: "usual" | "endless";
  /** For the whole run; null: without end. */
  readonly timeoutMs: number | null;
  /** From the start to the beginning of the command. */
  readonly bootTimeoutMs: number | null;
  readonly outputs: readonly OutputChannel[];
  /** The kernel came with no modules and no configuration: what it lacks may be a module. */
  readonly lacksModules: boolean;
  /** Complaints that make a failure of the run, beside panics and oopses. */
  readonly failOn: ReadonlySet<ComplaintKind>;
  /** `kept`: a guest whose command failed is looked at before it is ended. */
  readonly failed: "ended" | "kept";
}

/** Where a session stands. Plain data: every change is a step. */
export interface SessionState {
  readonly rules: SessionRules;
  /** What the verdict is passed on. */
  readonly seen: Observations;
  readonly at: Omit<CommandDurations, "totalMs">;
  /** `uname -r` of the guest. */
  readonly release: string | null;
  readonly droppedComplaints: number;
  /** What the kernel counted up to the end of the command. */
  readonly counts: KernelCounts;
  /** Outputs whose end has not come. */
  readonly awaited: readonly OutputChannel[];
  /** Outputs whose reader has gone. */
  readonly closedOutputs: readonly OutputChannel[];
  /** Some of the output was not handed on, and never will be: no answer can be whole any more. */
  readonly isOutputDropped: boolean;
  /** The first line of the hang that is waited out. */
  readonly hang: string | null;
  /** What became of a boot that has given up. */
  readonly stranded: string | null;
  /** The answer is whole, and the guest is to end. */
  readonly isQuitting: boolean;
  /** Why the run failed on our side of it. */
  readonly failure: Error | null;
  /** QEMU's end; null while it runs. */
  readonly end: QemuEnd | null;
}

/** A step of a session. */
export type Next = Transition<SessionState, SessionEffect, SessionTimer>;

/** The state when QEMU was started. */
export function beginSession(rules: SessionRules): Next {
  const { timeoutMs, bootTimeoutMs, writes, outputs, lacksModules } = rules;
  const state: SessionState = {
    rules,
    seen: {
      started: false,
      commandBegan: false,
      failure: null,
      status: null,
      outputComplete: false,
      complaintsAtAnswer: null,
      shutdown: writes === "guest-disk" ? "awaited" : "skipped",
      notes: [],
      complaints: [],
      noInit: null,
      lacksModules,
      endedBy: null,
    },
    at: { firstConsoleByteMs: null, initMs: null, commandMs: null, statusMs: null },
    release: null,
    droppedComplaints: 0,
    counts: { oopses: 0, warnings: 0 },
    awaited: outputs,
    closedOutputs: [],
    isOutputDropped: false,
    hang: null,
    stranded: null,
    isQuitting: false,
    failure: null,
    end: null,
  };
  const effects: TimerEffect<SessionTimer>[] = [];
  if (timeoutMs !== null) effects.push({ kind: "start-timer", timer: "timeout", ms: timeoutMs });
  if (bootTimeoutMs !== null) effects.push({ kind: "start-timer", timer: "boot-timeout", ms: bootTimeoutMs });
  return { state, effects };
}
