import { codedError, lineSplitter } from "@vm/command-plan";
import { findRunningGuest, type RunningGuest } from "@vm/vm-store";
import { eventsFile, type GuestEvent } from "../background/guest-events.js";
import type { Host } from "../host.js";
import { readGrowing } from "./followed-file.js";
import { findGuest } from "./running-guest.js";

/** An event, and when it was: ISO 8601, UTC. */
export type NotedEvent = GuestEvent & { readonly at: string };

/** What has happened to a guest since its start, and what happens to it until it ends. @throws what `findGuest` throws */
export async function* guestEvents(
  name: string,
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

/** What can be waited for. */
export type WaitedEvent = "exit" | "panic" | "up";

/**
 * Waits until that has happened to a guest; it may have happened already. A guest that is gone has exited.
 * @throws `GUEST_ENDED` when it never will, `WAIT_TIMED_OUT`, what `findGuest` throws
 */
export async function waitForGuest(
  {
    name,
    event: wanted,
    limitMs,
  }: { readonly name: string; readonly event: WaitedEvent; readonly limitMs?: number },
  host: Host,
): Promise<NotedEvent | null> {
  const signal = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
  for await (const event of guestEvents(name, host, signal)) {
    if (event.event === wanted) return event;
  }
  if (signal?.aborted === true) {
    throw codedError("WAIT_TIMED_OUT", `${name}: no ${wanted} within ${(limitMs ?? 0) / 1000} s`);
  }
  // Both processes were killed: nobody was left to say how.
  if (wanted === "exit") return null;
  throw codedError("GUEST_ENDED", `${name} has ended without ${wanted === "up" ? "being up" : "a panic"}`);
}

function lives({ home, name, since }: RunningGuest, { env }: Host): boolean {
  return findRunningGuest({ home, name }, env)?.since === since;
}
