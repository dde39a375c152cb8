import type { CommandControl, runCommand } from "@vm/guest-run";
import type { Turn } from "../guest-groups.js";
import type { PreparedKernel } from "../prepare-kernel.js";
import type { CellEnd } from "../result.js";
import type { CellSettings } from "../run-cell.js";
import { openSharedGuest, type SharedGuest } from "./shared-guest.js";

/** What the run as a whole has to say of its cells. */
export interface SharedRun {
  begin(this: void, turn: Turn): void;
  take(this: void, turn: Turn, end: CellEnd): "again" | "done" | "later";
  /** What `take` would say. */
  peek(this: void, turn: Turn, end: CellEnd): "again" | "done" | "later";
  /** Ends a turn with what is known of it. */
  close(this: void, turn: Turn): unknown;
  isLeft(this: void, turn: Turn): boolean;
  guestUse(this: void): { onStart: (control: CommandControl) => void; end: () => void };
  isAborted(this: void): boolean;
  readonly run?: typeof runCommand;
}

interface OpenGuest {
  readonly guest: SharedGuest;
  readonly close: () => Promise<CellEnd | null>;
}

/**
 * Runs cells of a kernel one after the other in a guest that they share. One that breaks the kernel is what the guest's end is put down
 * to, and a new guest goes on with the next.
 */
export async function runShared(
  kernel: Extract<PreparedKernel, { kind: "ready" }>,
  turns: readonly Turn[],
  settings: CellSettings,
  { begin, take, peek, close, isLeft, guestUse, isAborted, run }: SharedRun,
): Promise<void> {
  const queue = [...turns];
  let open: OpenGuest | null = null;
  let number = 0;
  const openGuest = (): OpenGuest => {
    number += 1;
    const use = guestUse();
    const tests = turns.map(({ cell }) => cell.test);
    const guest = openSharedGuest(kernel, tests, settings, {
      number,
      onStart: use.onStart,
      ...(run === undefined ? {} : { run }),
    });
    return { guest, close: () => guest.close().finally(use.end) };
  };
  const closeGuest = async (): Promise<CellEnd | null> => {
    const late = (await open?.close()) ?? null;
    open = null;
    return late;
  };

  for (let turn = queue.shift(); turn !== undefined; turn = queue.shift()) {
    if (isLeft(turn) || isAborted()) {
      close(turn);
      continue;
    }
    begin(turn);
    open ??= openGuest();
    const { end, guest } = await open.guest.run(turn.cell.test);
    const isLast = queue.length === 0 && peek(turn, end) === "done";
    // What the kernel says while the guest ends is the last test's.
    const late: CellEnd | null = guest !== "fit" || isLast || isAborted() ? await closeGuest() : null;
    const next = take(turn, late ?? end);
    if (guest === "unusable") {
      // A retry would find the same.
      if (next !== "done") close(turn);
      for (const other of queue.splice(0)) {
        begin(other);
        if (take(other, end) !== "done") close(other);
      }
    } else if (next === "again") queue.unshift(turn);
    else if (next === "later") queue.push(turn);
  }
  await closeGuest();
}
