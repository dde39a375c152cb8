import { codedError, errorCode, quoteShell } from "@vm/command-plan";
import type { RunningGuest } from "@vm/vm-store";
import type { Host } from "../host.js";
import { withQmp } from "./guest-qmp.js";
import type { PauseRequest, QmpRequest, ResumeRequest } from "../request/request.js";
import { findGuest } from "./running-guest.js";

/** Lets the CPUs of a guest stand still, or go on. @throws what `findGuest` throws, `QMP_UNREACHABLE` */
export async function pauseGuest({ guest: name }: PauseRequest, host: Host): Promise<void> {
  await withQmp(qmpOf(findGuest(name, host, "qmp")), name, (qmp) => qmp.execute("stop"));
}

/** The other way round. */
export async function resumeGuest({ guest: name }: ResumeRequest, host: Host): Promise<void> {
  await withQmp(qmpOf(findGuest(name, host, "qmp")), name, (qmp) => qmp.execute("cont"));
}

/**
 * Asks the QEMU of a guest for something, and gives its answer: QEMU's QMP reference manual has the commands.
 * @throws what `findGuest` throws, `QMP_UNREACHABLE`, `QMP_REFUSED`, `QMP_UNKNOWN`
 */
export async function askQemu(
  { guest: name, command, arguments: args }: QmpRequest,
  host: Host,
): Promise<unknown> {
  return await withQmp(qmpOf(findGuest(name, host, "qmp")), name, async (qmp) => {
    try {
      return await qmp.execute(command, args);
    } catch (error) {
      // QEMU answers `quit` and ends.
      if (command === "quit" && errorCode(error) === "QMP_CLOSED") return {};
      throw error;
    }
  });
}

/** Where the QEMU of a guest is reached. @throws `GUEST_STARTING` */
function qmpOf({ name, sockets }: RunningGuest): string {
  if (sockets.qmp !== undefined) return sockets.qmp;
  throw codedError("GUEST_STARTING", `${name} is being made ready: its QEMU does not run yet`, {
    hint: `Wait for it: vm wait ${quoteShell(name)} --for up`,
  });
}
