import { EXEC_PORT_ID, consoleLog, qmpSession, waitForSocket, type Qmp, type QmpEvent } from "@vm/guest-run";
import type { EventLog, GuestEvent } from "./guest-events.js";
import { bootWatch } from "./boot-watch.js";
import type { UpSign } from "./guest-order.js";
import { loginWatch } from "./login-prompt.js";

/** Looks at a guest from its console and over QMP, and notes what happens to it. */
export interface GuestWatch {
  /** Takes what the console says. */
  push(chunk: Buffer): void;
  /** The guest is up; only the first time counts. */
  up(by: UpSign): void;
  note(event: GuestEvent): void;
}

export function watchGuest({
  events,
  onUp,
  onStuck,
  signs,
}: {
  readonly events: EventLog;
  readonly onUp: (by: UpSign) => void;
  /** It will not be up by itself: the kernel has panicked, or the boot has given up. */
  readonly onStuck: (reason: string) => void;
  /** Whether a login prompt on the console means that the guest is up. */
  readonly signs: "login" | "told";
}): GuestWatch {
  const login = loginWatch();
  let isUp = false;
  let hasPanicked = false;
  const boot = bootWatch(onStuck);
  const note = (event: GuestEvent): void => {
    if (event.event === "panic") {
      // The console and the panic device tell of the same one.
      if (hasPanicked) return;
      hasPanicked = true;
    }
    if (event.event === "reset") hasPanicked = false;
    boot.take(event);
    events.add(event);
  };
  const up = (by: UpSign): void => {
    if (isUp) return;
    isUp = true;
    note({ event: "up", by });
    onUp(by);
  };
  // The kind of root is for what a kernel says that finds none.
  const log = consoleLog("disk", (finding) => {
    if (finding.kind === "stranded" && !isUp) note({ event: "stranded", reason: finding.reason });
    if (finding.kind !== "complaint" || finding.complaint.kind !== "panic") return;
    note({ event: "panic", by: "console", line: finding.complaint.line });
  });
  return {
    push(chunk) {
      log.push(chunk);
      if (signs === "login" && !isUp && login(chunk)) up("login");
    },
    up,
    note,
  };
}

/** Notes what QEMU tells over QMP, until it ends; null when `signal` was aborted before it listened. */
export async function watchQmp(path: string, watch: GuestWatch, signal: AbortSignal): Promise<Qmp | null> {
  const socket = await waitForSocket(path, signal);
  if (socket === null) return null;
  const qmp = qmpSession(socket, (event) => {
    // The guest opens the port when it begins to serve it, and anew for each client.
    const { id, open } = event.data;
    if (event.event === "VSERPORT_CHANGE" && id === EXEC_PORT_ID && open === true) watch.up("exec");
    const noted = eventOf(event);
    if (noted !== undefined) watch.note(noted);
  });
  // QEMU sends events to who has asked for something.
  await qmp.execute("query-status").catch(() => {});
  return qmp;
}

/** Source: QEMU's QMP reference manual, "Events". */
function eventOf({ event, data }: QmpEvent): GuestEvent | undefined {
  switch (event) {
    case "GUEST_PANICKED":
      return { event: "panic", by: "qemu" };
    case "WATCHDOG":
      return { event: "watchdog", action: String(data["action"]) };
    case "RESET":
      // QEMU resets the machine once before it starts.
      return data["guest"] === true ? { event: "reset" } : undefined;
    case "STOP":
      return { event: "paused" };
    case "RESUME":
      return { event: "resumed" };
    default:
      return undefined;
  }
}
