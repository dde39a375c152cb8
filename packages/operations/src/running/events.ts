import { codedError, lineSplitter } from "@vm/command-plan";
import { findRunningGuest, type RunningGuest } from "@vm/vm-store";
import { bootWatch, stuckError } from "../background/boot-watch.js";
import { eventsFile, type GuestEvent } from "../background/guest-events.js";
import type { Host } from "../host.js";
import type { EventsRequest, WaitRequest } from "../request/request.js";
import { readGrowing } from "./followed-file.js";
import { findGuest } from "./running-guest.js";

/** An event, and when it was: ISO 8601, UTC. */
export type NotedEvent = GuestEvent & { readonly at: string };

/** What has happened to a guest since its start, and what happens to it until it ends. @throws what `findGuest` throws */
export async function* guestEvents(
  { guest: name }: EventsRequest,
  host: Host,
  signal?: AbortSignal,
): AsyncGenerator<NotedEvent, void> {
  const guest = findGuest(name, host);
  const found: NotedEvent[] = [];
  const lines = lineSplitter((line) => void found.push(JSON.parse(line)), { maxLength: Infinity });
  const growing = readGrowing(eventsFile(guest.entry), {
    follow: "yes",
    isAlive: () => lives(guest, host),
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const chunk of growing) {
    lines.push(chunk);
    yield* found.splice(0);
  }
}

/**
 * Waits until that has happened to a guest; it may have happened already. A guest that is gone has exited.
 * @throws `GUEST_ENDED` when it never will, `GUEST_STUCK` when it will not be up by itself, `WAIT_TIMED_OUT`, what `findGuest` throws
 */
export async function waitForGuest(
  { guest: name, event: wanted, timeoutMs }: WaitRequest,
  host: Host,
): Promise<NotedEvent | null> {
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const stuck = new AbortController();
  let reason: string | undefined;
  const boot = bootWatch((why) => {
    reason = why;
    stuck.abort();
  });
  const signal = timeout === undefined ? stuck.signal : AbortSignal.any([timeout, stuck.signal]);
  try {
    for await (const event of guestEvents({ operation: "events", guest: name }, host, signal)) {
      if (event.event === wanted) return event;
      if (wanted === "up") boot.take(event);
    }
  } finally {
    boot.close();
  }
  if (reason !== undefined) throw stuckError(name, reason);
  if (timeout?.aborted === true) {
    throw codedError("WAIT_TIMED_OUT", `${name}: no ${wanted} within ${(timeoutMs ?? 0) / 1000} s`);
  }
  // Both processes were killed: nobody was left to say how.
  if (wanted === "exit") return null;
  throw codedError("GUEST_ENDED", `${name} has ended without ${wanted === "up" ? "being up" : "a panic"}`);
}

function lives({ home, name, since }: RunningGuest, { env }: Host): boolean {
  return findRunningGuest({ home, name }, env)?.since === since;
}
