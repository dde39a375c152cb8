import { errorCode } from "@vm/command-plan";
import { dumpMemory } from "./memory-dump.js";
import { waitForSocket } from "../qmp/socket.js";
import { qmpSession, type Qmp, type QmpEvent } from "../qmp/session.js";

/** What came of a dump at a panic. */
export type DumpOutcome = { readonly file: string } | { readonly error: Error };

export interface PanicWatchRequest {
  /** QEMU's socket for QMP. */
  readonly qmp: string;
  /** Where the memory goes; absolute. */
  readonly file: string;
  /** `stay`: QEMU stays with its guest stopped, for a debugger. */
  readonly afterDump: "quit" | "stay";
  /** The same when it could not be written: somebody may make room, and try again from outside. */
  readonly afterFailure: "quit" | "stay";
  /** What the person's own options make of a guest that reboots or powers off. */
  readonly reboot: "reboot" | "quit";
  readonly shutdown: "quit" | "stay";
  /** Aborted when QEMU has ended. */
  readonly signal: AbortSignal;
  /** The dump begins, which takes a while. */
  readonly onPanic: () => void;
  /** It is there, or has failed. */
  readonly onDump: (outcome: DumpOutcome) => void;
}

/**
 * Watches a QEMU in the foreground, and writes the guest's memory when its kernel panicked. QEMU is told to stand still where it
 * would end or reset the guest; what was no panic then goes on as it would have. Settles when QEMU has ended, with null
 * when nothing was to be dumped.
 */
export async function watchPanic(request: PanicWatchRequest): Promise<DumpOutcome | null> {
  const socket = await waitForSocket(request.qmp, request.signal);
  if (socket === null) return null;
  let outcome: DumpOutcome | null = null;
  let work: Promise<void> = Promise.resolve();
  const fail = (error: unknown): void => {
    // QEMU's end is what was waited for.
    if (!isClosed(error)) outcome ??= { error: asError(error) };
  };
  const qmp = qmpSession(socket, (event) => {
    work = work.then(() => handle(event)).catch(fail);
  });
  async function handle(event: QmpEvent): Promise<void> {
    if (outcome !== null) return;
    if (event.event === "GUEST_PANICKED") await dump();
    else if (event.event !== "SHUTDOWN") return;
    else if (event.data["reason"] !== "guest-reset") await leave();
    else if (await panicReset(qmp)) await dump();
    else if (request.reboot === "quit") await leave();
    else await reboot(qmp);
  }
  async function dump(): Promise<void> {
    request.onPanic();
    try {
      await dumpMemory(qmp, request.file);
      outcome = { file: request.file };
    } catch (error) {
      outcome = { error: asError(error) };
    }
    request.onDump(outcome);
    const then = "file" in outcome ? request.afterDump : request.afterFailure;
    if (then === "quit") await qmp.execute("quit");
  }
  async function leave(): Promise<void> {
    if (request.shutdown === "quit") await qmp.execute("quit");
  }
  work = work.then(() => holdStill(qmp)).catch(fail);
  await new Promise<void>((resolve) => socket.once("close", resolve));
  await work;
  return outcome;
}

/** From now on QEMU stops the guest where it would end or reset it, so that its memory can still be read. */
export async function holdStill(qmp: Qmp): Promise<void> {
  await qmp.execute("set-action", { reboot: "shutdown", shutdown: "pause", panic: "pause" });
}

/**
 * Parameters by which a panic resets the machine, and can be told from an ordinary reboot: a warm one leaves a mark for the BIOS
 * (kernel/reboot.c; arch/x86/kernel/reboot.c). Only x86 has that.
 */
export function panicParameters(arch: string): string[] {
  return arch === "x86_64" || arch === "i386" ? ["panic=-1 reboot=panic_warm"] : [];
}

/** Whether the mark of {@link panicParameters} is there: the word 0x1234 at the address 0x472. */
async function panicReset(qmp: Qmp): Promise<boolean> {
  const answer = await qmp.execute("human-monitor-command", { "command-line": "xp /1hx 0x472" });
  return /:\s*0x1234\s*$/.test(String(answer));
}

/** Lets the guest reboot as if nobody had watched. */
async function reboot(qmp: Qmp): Promise<void> {
  await qmp.execute("set-action", { reboot: "reset" });
  await qmp.execute("system_reset");
  await qmp.execute("cont");
  await qmp.execute("set-action", { reboot: "shutdown" });
}

/** Whether the reason is that QEMU has gone. */
export function isClosed(error: unknown): boolean {
  return errorCode(error) === "QMP_CLOSED";
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
