import { constants } from "node:os";
import type { ConsoleFinding } from "./console-watch.js";
import type { ComplaintKind } from "@vm/kernel-report";
import type { KernelComplaint, Outcome } from "./outcome.js";
import type { QemuEnd } from "./qemu-process.js";
import { signalOf } from "../protocol/status-protocol.js";

/** What was seen of a run, up to its end. */
export interface Observations {
  /** Init was reached. */
  started: boolean;
  /** The guest began the command. */
  commandBegan: boolean;
  /** The guest could not be set up. */
  failure: string | null;
  status: number | null;
  /** All output came. */
  outputComplete: boolean;
  /** How many complaints there were when the answer was whole; null before. */
  complaintsAtAnswer: number | null;
  /** The guest ends by itself after its answer: its shutdown is part of the run. */
  readonly shutdown: "awaited" | "skipped";
  /** What the guest's shell said since the command began. */
  readonly notes: string[];
  readonly complaints: KernelComplaint[];
  noInit: Extract<ConsoleFinding, { kind: "no-init" }> | null;
  /** The kernel came with no modules and no configuration: what it lacks may be a module. */
  lacksModules: boolean;
  /** Why we ended the guest; null when it ended by itself or after its answer. */
  endedBy: EndedBy | null;
}

export type EndedBy =
  | { readonly kind: "timeout"; readonly phase: "boot" | "command"; readonly afterMs: number }
  | { readonly kind: "hang"; readonly reason: string }
  /** The boot has given up, and waits for a person. */
  | { readonly kind: "stranded"; readonly reason: string }
  /** After its answer the guest did not end. */
  | { readonly kind: "no-shutdown"; readonly reason: string }
  | { readonly kind: "stop"; readonly signal: number };

/** Complaints that mean a hung guest, when no status follows. */
const HANGS: ReadonlySet<ComplaintKind> = new Set(["softlockup", "hardlockup", "hungtask", "rcustall"]);

export function isHang(kind: ComplaintKind): boolean {
  return HANGS.has(kind);
}

/** How the run ended. Pure. `failOn`: complaints that make a failure of it beside panics and oopses. */
export function verdict(
  seen: Readonly<Observations>,
  end: QemuEnd,
  failOn: ReadonlySet<ComplaintKind>,
): Outcome {
  if (seen.endedBy?.kind === "stop") return ended(seen, seen.endedBy);
  if (seen.status !== null && seen.outputComplete) return judge(seen, seen.status, { end, failOn });
  const panic = seen.complaints.find(({ kind }) => kind === "panic");
  if (!seen.started) return neverStarted(seen, end, panic);
  if (panic !== undefined) return { kind: "panicked", reason: panic.line };
  if (seen.failure !== null) {
    const cause = seen.failure.includes("CONFIG_") ? "configuration" : "guest";
    return { kind: "not-started", reason: seen.failure, cause };
  }
  const oops = failing(seen.complaints, failOn);
  if (oops !== undefined) return { kind: "oopsed", reason: oops.line, complaint: oops.kind, status: null };
  if (seen.endedBy !== null) return ended(seen, seen.endedBy);
  return lost(seen, end);
}

/** The answer is whole. What the kernel says after it, until QEMU has ended, counts as well. */
function judge(
  seen: Readonly<Observations>,
  status: number,
  { end, failOn }: { readonly end: QemuEnd; readonly failOn: ReadonlySet<ComplaintKind> },
): Outcome {
  const complained = complaintOutcome(seen.complaints, failOn, status);
  if (complained !== null) return complained;
  const hang = seen.complaints.slice(seen.complaintsAtAnswer ?? 0).find(({ kind }) => isHang(kind));
  if (seen.complaintsAtAnswer !== null && hang !== undefined) return { kind: "hung", reason: hang.line };
  if (seen.endedBy?.kind === "no-shutdown") return ended(seen, seen.endedBy);
  const outside = seen.shutdown === "awaited" ? killedFromOutside(end) : null;
  if (outside !== null) return { kind: "lost", reason: outside, by: "qemu" };
  return statusOutcome(status, seen.notes);
}

/** What a command's status means. @param notes what the shell said of it */
export function statusOutcome(status: number, notes: readonly string[]): Outcome {
  const signal = signalOf(status, notes);
  return signal === null
    ? { kind: "exited", status }
    : { kind: "signalled", signal, name: signalName(signal) };
}

/** What a kernel's complaints make of a command that has ended with a status; null: nothing. */
export function complaintOutcome(
  complaints: readonly KernelComplaint[],
  failOn: ReadonlySet<ComplaintKind>,
  status: number,
): Outcome | null {
  const panic = complaints.find(({ kind }) => kind === "panic");
  if (panic !== undefined) return { kind: "panicked", reason: panic.line };
  const complaint = failing(complaints, failOn);
  return complaint === undefined
    ? null
    : { kind: "oopsed", reason: complaint.line, complaint: complaint.kind, status };
}

function failing(
  complaints: readonly KernelComplaint[],
  failOn: ReadonlySet<ComplaintKind>,
): KernelComplaint | undefined {
  return complaints.find(({ kind }) => kind === "oops" || failOn.has(kind));
}

/** Which option it is does not help who has the kernel and not its modules. */
const noDriver = "no modules came with this kernel, and it has no driver built in for its root";

function neverStarted(
  seen: Readonly<Observations>,
  end: QemuEnd,
  panic: KernelComplaint | undefined,
): Outcome {
  if (end.error !== null) {
    return { kind: "not-started", reason: `QEMU could not be started: ${end.error.message}`, cause: "qemu" };
  }
  if (seen.noInit !== null) {
    const { missing, reason } = seen.noInit;
    const cause = missing === null ? "guest" : "configuration";
    return {
      kind: "not-started",
      reason:
        missing === null ? reason : `${reason} (${seen.lacksModules ? noDriver : `${missing} is missing`})`,
      cause,
    };
  }
  if (panic !== undefined) return { kind: "panicked", reason: panic.line };
  if (seen.endedBy !== null) return ended(seen, seen.endedBy);
  const outside = killedFromOutside(end);
  if (outside !== null) return { kind: "lost", reason: outside, by: "qemu" };
  if (end.code !== 0) {
    const said = shareFailure(end.stderr) || lastLine(end.stderr) || `QEMU ended with status ${end.code}`;
    return { kind: "not-started", reason: said, cause: isImageError(end.stderr) ? "image" : "qemu" };
  }
  return { kind: "lost", reason: "The guest ended before it reached its init.", by: "guest" };
}

function ended(seen: Readonly<Observations>, by: EndedBy): Outcome {
  if (by.kind === "stop") return { kind: "stopped", signal: by.signal };
  if (by.kind === "hang" || by.kind === "no-shutdown") return { kind: "hung", reason: by.reason };
  if (by.kind === "stranded") return { kind: "lost", reason: by.reason, by: "guest" };
  const hang = seen.complaints.find(({ kind }) => isHang(kind));
  if (hang !== undefined) return { kind: "hung", reason: hang.line };
  const seconds = `${by.afterMs / 1000} s`;
  const reason =
    by.phase === "boot"
      ? `The command had not begun after ${seconds}.`
      : `The command had not ended after ${seconds}.`;
  return { kind: "timed-out", reason, phase: by.phase };
}

function lost(seen: Readonly<Observations>, end: QemuEnd): Outcome {
  const outside = killedFromOutside(end);
  if (outside !== null) return { kind: "lost", reason: outside, by: "qemu" };
  if (end.code !== 0) {
    return {
      kind: "lost",
      reason: lastLine(end.stderr) || `QEMU ended with status ${end.code}.`,
      by: "qemu",
    };
  }
  const reason =
    seen.status === null
      ? "The guest powered off or rebooted before the command answered."
      : `The command ended with status ${seen.status}, but its output did not come through.`;
  return { kind: "lost", reason, by: "guest" };
}

/** Why QEMU ended, when something other than us or the guest ended it. */
function killedFromOutside({ signal, stderr }: QemuEnd): string | null {
  const share = SHARE_LOST.exec(stderr)?.[1];
  if (share !== undefined) return `${share}.`;
  if (signal !== null) return `QEMU was killed by ${signal}.`;
  const told = /terminating on signal (\d+)(?: from pid (.*))?/.exec(stderr);
  return told === null
    ? null
    : `QEMU was ended by signal ${told[1]}${told[2] === undefined ? "" : ` from pid ${told[2]}`}.`;
}

/** What guest/vm-virtiofs says when a virtiofsd has ended before QEMU. */
const SHARE_LOST = /^vm-virtiofs: (virtiofsd .* has lost .*)$/m;

/** Why a virtiofsd could not be started, with its own last words, which stand before; empty when that was not it. */
function shareFailure(stderr: string): string {
  const [, words = "", failure = ""] =
    /(?:^|(.*)\n)vm-virtiofs: (virtiofsd .* could not be started .*)$/m.exec(stderr) ?? [];
  return words === "" ? failure : `${failure}: ${words}`;
}

/** QEMU's words for a file that is no kernel. Source: hw/i386/x86.c, hw/core/loader.c. */
function isImageError(stderr: string): boolean {
  return /could not load kernel|Error while loading elf kernel|Error loading uncompressed kernel|invalid kernel header|could not open kernel|linux kernel too old|error reading kernel/i.test(
    stderr,
  );
}

function lastLine(text: string): string {
  return text.split("\n").at(-1) ?? "";
}

/** `SIGKILL` for 9; `SIG35` for one that has no name. */
function signalName(signal: number): string {
  const entry = Object.entries(constants.signals).find(([, number]) => number === signal);
  return entry?.[0] ?? `SIG${signal}`;
}
