import { randomBytes } from "node:crypto";
import { PassThrough, type Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  complaintOutcome,
  consoleLog,
  isHang,
  runCommand,
  statusOutcome,
  untoldComplaints,
  type CommandControl,
  type CommandResult,
  type ConsoleLog,
  type KernelComplaint,
  type Outcome,
} from "@vm/guest-run";
import { taintNames } from "@vm/operations";
import { cellOutputs, type CellOutputs } from "../cell-outputs.js";
import { durationText } from "../report/duration.js";
import type { PreparedKernel } from "../prepare-kernel.js";
import { problemOf, type CellEnd, type GuestPlace, type TaintLeft, type TestColumn } from "../result.js";
import type { CellSettings } from "../run-cell.js";
import { driverScript, type DriverMark } from "./driver-script.js";
import { endFacts, type EndFacts } from "./end-facts.js";
import { markedConsole } from "./marked-console.js";
import { markedStream } from "./marked-stream.js";

/** How a test in a guest that others use as well ended, and what has become of the guest. */
export interface SharedEnd {
  readonly end: CellEnd;
  /** `spent`: the next test needs a new one. `unusable`: none of its tests could begin, and no other guest will be better. */
  readonly guest: "fit" | "spent" | "unusable";
}

/** A guest that runs tests, one after the other. */
export interface SharedGuest {
  /** Runs one of its tests; the one before must have ended. Never rejects. */
  run(this: void, test: TestColumn): Promise<SharedEnd>;
  /**
   * No more tests. How the last one ended, if the guest ended otherwise than it should have after it; else null. Settles when the guest
   * is gone.
   */
  close(this: void): Promise<CellEnd | null>;
}

type Ready = Extract<PreparedKernel, { kind: "ready" }>;
type Ran = Extract<CellEnd, { kind: "ran" }>;

/** How long the console is waited for behind the outputs, and a guest that is to end. */
const GRACE_MS = 10_000;

interface Turn {
  readonly number: number;
  readonly test: TestColumn;
  readonly startedAt: Date;
  readonly begun: number;
  readonly outputs: CellOutputs;
  readonly log: ConsoleLog;
  readonly complaints: KernelComplaint[];
  /** Where it has come to, on each of the streams. */
  readonly at: { stdout: Stage; stderr: Stage; console: Stage };
  facts: EndFacts | null;
  readonly ended: (facts: EndFacts | null) => void;
}

type Stage = "before" | "within" | "behind";

/**
 * Starts a guest for tests that share it.
 *
 * @param number which guest of its kernel it is, from 1 on
 * @param onStart gets what stops the guest
 */
export function openSharedGuest(
  kernel: Ready,
  tests: readonly TestColumn[],
  { guest, command: { timeoutMs, failOn, ...command }, again }: CellSettings,
  {
    number,
    onStart,
    run = runCommand,
  }: {
    readonly number: number;
    readonly onStart: (control: CommandControl) => void;
    readonly run?: typeof runCommand;
  },
): SharedGuest {
  const mark: DriverMark = { short: randomBytes(4).toString("hex"), rest: randomBytes(12).toString("hex") };
  const words = `\u001evm-${mark.short}${mark.rest} `;
  const input = new PassThrough();
  const failures = new Set(failOn);
  const boot = cellOutputs({});
  let control: CommandControl | undefined;
  let argv: readonly string[] = [];
  let turn: Turn | null = null;
  /** The last one that has ended, with its end. */
  let last: { readonly turn: Turn; readonly end: Ran } | null = null;
  let position = 0;
  let facts: EndFacts | null = null;
  let isTimedOut = false;
  const start = new AbortController();
  const readiness = new Promise<void>((resolve) => {
    start.signal.addEventListener("abort", () => resolve());
  });

  const settle = (): void => {
    if (turn?.facts === null || turn === null) return;
    const { at } = turn;
    if (at.stdout !== "behind" || at.stderr !== "behind") return;
    if (at.console !== "behind" && turn.facts.hasConsole) return;
    turn.ended(turn.facts);
  };
  const onMark =
    (channel: "stderr" | "stdout") =>
    (text: string): void => {
      const [verb = "", of = ""] = text.split(" ", 2);
      if (verb === "e" && of === "0") {
        if (channel !== "stdout") return;
        facts = endFacts(text);
        if (facts !== null) start.abort();
        return;
      }
      if (turn === null || Number(of) !== turn.number) return;
      if (verb === "b") turn.at[channel] = "within";
      if (verb !== "e") return;
      turn.at[channel] = "behind";
      if (channel === "stdout") turn.facts = endFacts(text);
      settle();
    };
  const onBytes =
    (channel: "stderr" | "stdout") =>
    (chunk: Buffer): void => {
      if (turn?.at[channel] === "within") turn.outputs[channel].write(chunk);
      else if (turn === null && last === null) boot[channel].write(chunk);
    };
  const console = markedConsole(`vm-${mark.short}`, {
    bytes(chunk) {
      // What comes between two tests belongs to the one before; before the first one, to the start.
      const owner = turn ?? last?.turn;
      (owner?.outputs ?? boot).console.write(chunk);
      owner?.log.push(chunk);
    },
    mark(text) {
      if (turn === null || text !== `e ${turn.number}`) return;
      turn.at.console = "behind";
      settle();
    },
  });
  const streams = (["stdout", "stderr"] as const).map((channel): Writable =>
    markedStream(words, { bytes: onBytes(channel), mark: onMark(channel) }),
  );
  const [stdout = boot.stdout, stderr = boot.stderr] = streams;
  const over = run({
    ...command,
    guest: {
      ...guest,
      kind: "embedded",
      kernel: kernel.kernel,
      ...(kernel.share === undefined ? {} : { share: kernel.share }),
    },
    qemu: kernel.qemu,
    acceleratorOptions: kernel.accelerator.options,
    ...(failOn === undefined ? {} : { failOn }),
    command: driverScript(
      tests.map((test) => test.command),
      mark,
    ),
    streams: { kind: "pipes", stdin: input, stdout, stderr },
    console,
    onStart(given) {
      control = given;
      argv = given.argv ?? [kernel.qemu];
      onStart(given);
    },
  }).then(
    (result): { readonly result: CommandResult } => ({ result }),
    (error: unknown): { readonly error: unknown } => ({ error }),
  );
  let isOver = false;
  void over.then(() => (isOver = true));

  /** What a test has come to, in the form of a run of its own. */
  const ranEnd = async (
    { test, startedAt, begun, outputs }: Turn,
    result: Omit<CommandResult, "command" | "durations">,
    more: Partial<Ran> = {},
  ): Promise<Ran> => {
    const ms = performance.now() - begun;
    const whole: CommandResult = {
      ...result,
      command: test.command,
      durations: { firstConsoleByteMs: null, initMs: null, commandMs: 0, statusMs: ms, totalMs: ms },
    };
    return {
      kind: "ran",
      startedAt,
      result: whole,
      ...outputs.end(result.outcome.kind === "exited" ? "whole" : "cut"),
      failure: await kernel.explain(whole),
      guest: place(),
      ...more,
      ...(again === undefined ? {} : { again: again(kernel.row.given, test) }),
    };
  };
  const place = (): GuestPlace => ({
    number,
    position,
    after: last === null ? null : last.turn.test.name,
  });

  /** The test has ended, and the guest lives. */
  const answered = async (ended: Turn, told: EndFacts): Promise<SharedEnd> => {
    const { complaints, log } = ended;
    log.end();
    const counted = {
      oopses: Math.max(0, told.oopses - (facts?.oopses ?? 0)),
      warnings: Math.max(0, told.warnings - (facts?.warnings ?? 0)),
    };
    complaints.push(...untoldComplaints(counted, complaints));
    const left = taintLeft(facts, told);
    facts = told;
    const outcome =
      complaintOutcome(complaints, failures, told.status) ?? statusOutcome(told.status, [told.note]);
    const end = await ranEnd(
      ended,
      {
        outcome,
        complaints,
        droppedComplaints: 0,
        release: told.release,
        closedOutputs: [],
        consoleTail: log.tail(),
        complaintLines: log.complaintLines(),
        argv,
        qemuStderr: "",
        dump: null,
      },
      left === null ? {} : { taint: left },
    );
    const isBroken = outcome.kind !== "exited" && outcome.kind !== "signalled";
    last = { turn: ended, end };
    return { end, guest: isBroken || complaints.some(({ kind }) => isHang(kind)) ? "spent" : "fit" };
  };

  /** The guest ended before the test did. */
  const lost = async (ended: Turn, result: CommandResult): Promise<SharedEnd> => {
    ended.log.end();
    const complaintLines = ended.log.complaintLines();
    const tail = ended.log.tail();
    const end = await ranEnd(ended, {
      ...result,
      outcome: lostOutcome(result.outcome, isTimedOut ? (timeoutMs ?? 0) : null),
      complaints: ended.complaints.length > 0 ? ended.complaints : result.complaints,
      complaintLines: complaintLines.length > 0 ? complaintLines : result.complaintLines,
      consoleTail: tail.length > 0 ? tail : result.consoleTail,
    });
    last = { turn: ended, end };
    return { end, guest: "spent" };
  };

  /** It never came to a test: that is how each of them ends. */
  const neverReady = async (
    test: TestColumn,
    startedAt: Date,
    result: CommandResult,
  ): Promise<SharedEnd> => ({
    end: {
      kind: "ran",
      startedAt,
      result: { ...result, command: test.command },
      ...boot.end("cut"),
      failure: await kernel.explain(result),
      guest: place(),
      ...(again === undefined ? {} : { again: again(kernel.row.given, test) }),
    },
    guest: "unusable",
  });

  return {
    async run(test) {
      const called = new Date();
      position += 1;
      await Promise.race([readiness, over]);
      if (facts === null) {
        const ended = await over;
        if ("result" in ended) return await neverReady(test, called, ended.result);
        return { end: { kind: "broken", problem: problemOf(ended.error) }, guest: "unusable" };
      }
      const complaints: KernelComplaint[] = [];
      const timers = new AbortController();
      const facing = await new Promise<{ readonly turn: Turn; readonly facts: EndFacts | null }>(
        (resolve) => {
          const begun: Turn = {
            number: tests.indexOf(test) + 1,
            test,
            startedAt: new Date(),
            begun: performance.now(),
            outputs: cellOutputs(test),
            log: consoleLog("9p", (finding) => {
              if (finding.kind === "complaint") complaints.push(finding.complaint);
            }),
            complaints,
            at: { stdout: "before", stderr: "before", console: "before" },
            facts: null,
            ended: (told) => resolve({ turn: begun, facts: told }),
          };
          turn = begun;
          if (!isOver) input.write(`${begun.number}\n`);
          void over.then(() => begun.ended(begun.facts));
          if (timeoutMs !== undefined) {
            after(timeoutMs, timers, () => {
              isTimedOut = true;
              control?.stop(SIGTERM);
            });
          }
          void waitForConsole(begun, timers);
        },
      );
      timers.abort();
      turn = null;
      if (facing.facts !== null) return await answered(facing.turn, facing.facts);
      const ended = await over;
      if ("result" in ended) return await lost(facing.turn, ended.result);
      return { end: { kind: "broken", problem: problemOf(ended.error) }, guest: "spent" };
    },
    async close() {
      input.end();
      const timers = new AbortController();
      after(GRACE_MS * 2, timers, () => control?.stop(SIGTERM));
      const ended = await over;
      timers.abort();
      if (last === null || !("result" in ended)) return null;
      const { outcome } = ended.result;
      const { end, turn: before } = last;
      // What was told of the test explains the guest's end as well.
      if (outcome.kind === "exited" || outcome.kind === "stopped" || isBlamed(end)) return null;
      const complaints = before.complaints.length > 0 ? before.complaints : ended.result.complaints;
      return {
        ...end,
        result: {
          ...end.result,
          outcome: lostOutcome(outcome, null),
          complaints,
          complaintLines: ended.result.complaintLines,
          consoleTail: ended.result.consoleTail,
        },
        failure: await kernel.explain({ ...ended.result, command: end.result.command }),
      };
    },
  };

  /** A kernel may have no console left: then the outputs are enough. */
  async function waitForConsole(begun: Turn, timers: AbortController): Promise<void> {
    while (!timers.signal.aborted) {
      const was = begun.facts;
      await sleep(GRACE_MS, undefined, { signal: timers.signal, ref: false }).catch(() => {});
      if (was === null || timers.signal.aborted || begun.at.stderr !== "behind") continue;
      begun.ended(was);
      return;
    }
  }
}

const SIGTERM = 15;

function after(ms: number, { signal }: AbortController, action: () => void): void {
  void sleep(ms, undefined, { signal }).then(action, () => {});
}

/** Whether the test itself was found to have broken the guest. */
function isBlamed({ result: { outcome } }: Ran): boolean {
  return outcome.kind !== "exited" && outcome.kind !== "signalled";
}

/** How a test ended whose guest ended before it. @param timeoutMs what it had, where that was over */
function lostOutcome(outcome: Outcome, timeoutMs: number | null): Outcome {
  if (timeoutMs !== null && outcome.kind === "stopped") {
    return {
      kind: "timed-out",
      reason: `It had not ended after ${durationText(timeoutMs)}.`,
      phase: "command",
    };
  }
  if (outcome.kind !== "exited" && outcome.kind !== "signalled") return outcome;
  return {
    kind: "lost",
    reason: "What starts the tests in the guest ended before the test did.",
    by: "guest",
  };
}

/** What a test added to the reasons for which a kernel is not to be trusted; null: nothing. */
function taintLeft(before: EndFacts | null, { tainted }: EndFacts): TaintLeft | null {
  const was = before?.tainted ?? 0;
  if (tainted === was) return null;
  // oxlint-disable-next-line no-bitwise -- The kernel's number is a set of bits.
  const added = tainted & ~was;
  return added === 0 ? null : { tainted, added: taintNames(added) };
}
