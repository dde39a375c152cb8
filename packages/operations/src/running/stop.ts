import { createConnection } from "node:net";
import { codedError, errorCode, quoteShell } from "@vm/command-plan";
import { findRunningGuest, livenessOf, type ProcessIdentity, type RunningGuest } from "@vm/vm-store";
import { powerOffRequest } from "../background/control-socket.js";
import type { Host } from "../host.js";
import { tellIfLong } from "../long-step.js";
import type { StopRequest } from "../request/request.js";
import { withQmp } from "./guest-qmp.js";
import { backgroundGuests, findGuest } from "./running-guest.js";

/** How long a guest has to power off. */
const POWER_OFF_MS = 90_000;

/** What it took: the guest powered off, its QEMU was told to quit, or was killed. */
export type StopResult = "killed" | "powered-off" | "quit";

/** How long QEMU has to quit, and to answer. */
const QUIT_MS = 10_000;
/** A guest that is still booting hears no button. */
const AGAIN_MS = 10_000;
const LOOK_MS = 100;

/** How the guests of a request ended. */
export interface StoppedGuests {
  readonly stopped: readonly { readonly name: string; readonly how: StopResult }[];
  /** Why the first of those did not end that did not. */
  readonly failure?: unknown;
}

/** Ends guests in the background, all at once; those that do not end hold up nobody. @throws what `findGuest` throws, and then ends none */
export async function stopGuests(request: StopRequest, host: Host): Promise<StoppedGuests> {
  const guests = guestsToStop(request, host);
  const ends = await Promise.allSettled(guests.map((guest) => stopGuest(guest, request, host)));
  const stopped = ends.flatMap((end, index) => {
    const name = guests[index]?.name ?? "";
    return end.status === "fulfilled" ? [{ name, how: end.value }] : [];
  });
  const failed = ends.find((end) => end.status === "rejected");
  return { stopped, ...(failed === undefined ? {} : { failure: failed.reason }) };
}

/** Those that a request names, each once. @throws what `findGuest` throws */
export function guestsToStop({ guests }: StopRequest, host: Host): RunningGuest[] {
  return guests === "all"
    ? backgroundGuests(host)
    : Array.from(new Set(guests), (name) => findGuest(name, host, "qmp"));
}

/** Ends a guest, and settles when nothing of it is left. @throws `GUEST_NOT_STOPPED` */
export function stopGuest(
  guest: RunningGuest,
  request: Pick<StopRequest, "timeoutMs" | "way">,
  host: Host,
): Promise<StopResult> {
  return tellIfLong(`waiting for ${guest.name} to end`, () => endGuest(guest, request, host), host);
}

async function endGuest(
  guest: RunningGuest,
  { way = "power-off", timeoutMs = POWER_OFF_MS }: Pick<StopRequest, "timeoutMs" | "way">,
  host: Host,
): Promise<StopResult> {
  if (way === "power-off") {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      await quietly(() => pressButton(guest));
      if (await isGoneBy(Math.min(deadline, performance.now() + AGAIN_MS), guest, host)) return "powered-off";
    }
  }
  const isHeard = await quit(newest(guest, host));
  if (await isGoneBy(performance.now() + (isHeard ? QUIT_MS : 0), guest, host)) return "quit";
  for (const process of [newest(guest, host).qemu, guest.supervisor]) {
    if (process !== undefined) kill(process);
    if (await isGoneBy(performance.now() + QUIT_MS, guest, host)) return "killed";
  }
  throw codedError("GUEST_NOT_STOPPED", `${guest.name} does not end, not even by SIGKILL`, {
    hint: `Its processes may wait for a device of the host, or are of another container: fuser ${quoteShell(guest.entry)}/lock names them.`,
  });
}

/** QEMU may have been started since. */
function newest(guest: RunningGuest, { env }: Host): RunningGuest {
  return findRunningGuest(guest, env) ?? guest;
}

async function pressButton(guest: RunningGuest): Promise<void> {
  const { kind, sockets, name } = guest;
  // PID 1 of the embedded guest hears no button.
  if (kind === "embedded" || sockets.qmp === undefined) await askSupervisor(guest);
  else {
    await withQmp(sockets.qmp, name, async (qmp) => {
      // One that stands still could not hear it.
      await qmp.execute("cont");
      await qmp.execute("system_powerdown");
    });
  }
}

/** Whether QEMU has heard it. */
async function quit({ sockets, name }: RunningGuest): Promise<boolean> {
  if (sockets.qmp === undefined) return false;
  try {
    await withQmp(sockets.qmp, name, (qmp) => qmp.execute("quit"));
    return true;
  } catch (error) {
    return errorCode(error) === "QMP_CLOSED";
  }
}

/** Asks the process that watches over a guest for its orderly end. */
function askSupervisor({ sockets }: RunningGuest): Promise<void> {
  return new Promise((resolve, reject) => {
    if (sockets.control === undefined) {
      resolve();
      return;
    }
    const socket = createConnection(sockets.control, () => socket.write(`${powerOffRequest}\n`));
    socket.setTimeout(QUIT_MS, () => socket.destroy());
    socket.on("data", () => {});
    socket.once("error", reject).once("close", () => resolve());
  });
}

async function isGoneBy(deadline: number, guest: RunningGuest, host: Host): Promise<boolean> {
  for (;;) {
    const now = findRunningGuest(guest, host.env);
    // Another one of that name may have been started at once.
    if (now === undefined || now.since !== guest.since) return true;
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function kill(identity: ProcessIdentity): void {
  if (livenessOf(identity) !== "alive") return;
  try {
    process.kill(identity.pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

/** Whether it was heard shows in what follows. */
async function quietly(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch {
    // QEMU has ended meanwhile, or does not answer: something harder comes next.
  }
}
