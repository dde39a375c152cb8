import type { Duplex } from "node:stream";
import { dumpMemory } from "./memory-dump.js";
import { holdStill, isClosed, type DumpOutcome } from "./panic-watch.js";
import { qmpSession } from "../qmp/session.js";

/** The dump of a guest whose console is watched, and which therefore says itself when it is time. */
export interface CrashDump {
  /** Takes the dump, once. Settles when it is there, or has failed; never rejects. */
  take(): Promise<void>;
  /** What came of it; null when it was never asked for. */
  readonly outcome: DumpOutcome | null;
}

/** How long after a reset the console's last lines may come, which tell whether it was a panic. */
const CONSOLE_DELAY_MS = 500;

/**
 * Makes QEMU stand still where it would end the guest: after a panic the dump is taken then, and QEMU ends; after anything else
 * it ends at once, as it would have.
 */
export function crashDump({
  channel,
  file,
  onStandstill,
  hasPanicked,
  kill,
}: {
  /** A stream to QEMU's QMP. */
  readonly channel: Duplex;
  /** null: none is written. */
  readonly file: string | null;
  /** Called when the guest stands still, after the dump. */
  readonly onStandstill: () => Promise<void>;
  readonly hasPanicked: () => boolean;
  readonly kill: () => void;
}): CrashDump {
  let outcome: DumpOutcome | null = null;
  let taking: Promise<void> | undefined;
  const fail = (error: unknown): void => {
    outcome ??= { error: error instanceof Error ? error : new Error(String(error)) };
  };
  const look = async (): Promise<void> => {
    if (file !== null) {
      await dumpMemory(qmp, file);
      outcome = { file };
    } else {
      await qmp.execute("stop");
    }
    await onStandstill();
  };
  const take = (): Promise<void> => {
    taking ??= look().catch(fail);
    return taking;
  };
  const atReset = (): void => void (hasPanicked() ? take().then(kill) : kill());
  const qmp = qmpSession(channel, ({ event, data }) => {
    if (event === "GUEST_PANICKED") setTimeout(() => void take().then(kill), CONSOLE_DELAY_MS);
    else if (event === "SHUTDOWN" && data["reason"] === "guest-reset") setTimeout(atReset, CONSOLE_DELAY_MS);
    // One that we ended ourselves (QEMU's own `quit`, a signal) ends without our help.
    else if (event === "SHUTDOWN" && data["guest"] === true) void qmp.execute("quit").catch(() => {});
  });
  holdStill(qmp).catch((error: unknown) => {
    if (!isClosed(error)) fail(error);
  });
  return {
    take,
    get outcome() {
      return outcome;
    },
  };
}
