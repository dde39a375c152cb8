import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codedError, plainLine } from "@vm/command-plan";
import { warning, type Host } from "@vm/operations";
import type { CellQueue } from "../cells/cell-queue.js";
import { beginAttempt, takeAnswer, type Attempt } from "../cells/cell-results.js";
import type { Collection } from "../cells/collect-cells.js";
import { cellAt, type Manifest } from "../cells/manifest.js";
import { fromPlainText } from "../cells/plain-data.js";
import { numberOf, textOf, textsOf, type Frame } from "./frames.js";
import type { HostSession } from "./host-session.js";
import { exchangeLifeSigns } from "./life-signs.js";
import { sendKernel } from "./shipped-kernel.js";

/** How long a host may say nothing. Where the network is gone ssh says so after half a minute; this is for a vm that hangs. */
const SILENCE_MS = 300_000;
/** How long a host may take to end its guests. */
const STOP_MS = 60_000;
/** How many hosts may be lost with a cell before it is not run any more: it may be what kills them. */
const MOST_LOSSES = 2;

/** A host, and what it is doing. */
interface Worker {
  readonly session: HostSession;
  /** How many guests it may run at once; 0: it is not ready yet. */
  slots: number;
  /** The cells that it was given and has not answered. */
  readonly running: Map<number, Given>;
  /** It gets no more cells: why. */
  gone?: string;
}

interface Given {
  readonly wanted: number;
  /** What was written when the host began it. */
  attempt?: Attempt;
}

export interface HostQueue extends CellQueue {
  /** Tells all hosts to end. Resolves when they have. @throws `HOSTS_NOT_STOPPED` */
  cancel(): Promise<void>;
}

/**
 * The cells of a plan, run by hosts: each gets as many at once as it can run, and another one whenever one has ended. What they answer is written into
 * the plan's directory. The cells of a host that is lost go to the others.
 *
 * @param jobs the most guests at once on each host; default: as many as it can handle
 */
export function sshQueue(
  {
    directory,
    manifest,
    total,
    newestAttempt,
  }: Pick<Collection, "directory" | "manifest" | "newestAttempt" | "total">,
  sessions: readonly HostSession[],
  jobs: number | undefined,
  host: Host,
): HostQueue {
  const workers = sessions.map((session): Worker => ({
    session,
    slots: 0,
    running: new Map<number, Given>(),
  }));
  const pending = Array.from({ length: total }, (_, index) => index + 1);
  const attempts = new Map<number, number>();
  const losses = new Map<number, number>();
  /** Cells that a host could not run, until another one has tried. */
  const doubted = new Map<number, Worker>();
  const lost = new Map<number, string>();
  let isOver = false;

  const alive = (): Worker[] => workers.filter(({ gone }) => gone === undefined);

  const free = (worker: Worker): number =>
    [...doubted.values()].includes(worker) ? 0 : worker.slots - worker.running.size;

  const feed = (): void => {
    if (isOver) return;
    for (;;) {
      const ready = alive().filter((worker) => free(worker) > 0);
      const [worker] = ready.toSorted((one, other) => one.running.size - other.running.size);
      const cell = pending.shift();
      if (cell === undefined || worker === undefined) {
        if (cell !== undefined) pending.unshift(cell);
        return;
      }
      const wanted = (attempts.get(cell) ?? newestAttempt) + 1;
      attempts.set(cell, wanted);
      worker.running.set(cell, { wanted });
      void worker.session.send({ kind: "cell", cell, attempt: wanted });
    }
  };

  /** No host is left that could run what waits. */
  const dropWaiting = (): void => {
    const left = alive();
    for (const cell of pending.splice(0)) {
      const doubter = doubted.get(cell);
      const others = left.filter((worker) => worker !== doubter);
      if (others.length > 0) {
        pending.push(cell);
        continue;
      }
      doubted.delete(cell);
      lost.set(
        cell,
        `no host is left to run it: ${workers.map(({ session, gone }) => `${session.name}: ${gone ?? "it could not run it"}`).join("; ")}`,
      );
    }
  };

  const giveUp = (worker: Worker, reason: string): void => {
    if (worker.gone !== undefined) return;
    worker.gone = reason;
    const { session, running } = worker;
    void session.send({ kind: "stop" });
    if (isOver) return;
    host.notice(warning("HOST_LOST", `${session.name} gets no more cells: ${reason}`));
    for (const cell of [...running.keys()].toReversed()) {
      const count = (losses.get(cell) ?? 0) + 1;
      losses.set(cell, count);
      if (count >= MOST_LOSSES) {
        doubted.delete(cell);
        lost.set(cell, `${session.name} was lost while it ran: ${reason}`);
      } else pending.unshift(cell);
    }
    running.clear();
    dropWaiting();
    feed();
  };

  /** Nothing can be written here: no host can help. */
  const failHere = (error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    const cells = [...pending.splice(0), ...workers.flatMap(({ running }) => [...running.keys()])];
    isOver = true;
    for (const cell of cells) lost.set(cell, reason);
    for (const worker of alive()) giveUp(worker, reason);
  };

  const take = (worker: Worker, { head, body }: Frame): void => {
    const cell = numberOf(head, "cell");
    const given = worker.running.get(cell);
    if (given === undefined) return;
    if (head.kind === "begun") {
      given.attempt = beginAttempt(directory, cell, given.wanted, worker.session.name);
      return;
    }
    const trouble = troubleOf(manifest, cell, body);
    const doubter = doubted.get(cell);
    worker.running.delete(cell);
    if (trouble !== undefined && doubter === undefined && alive().some((other) => other !== worker)) {
      doubted.set(cell, worker);
      pending.unshift(cell);
      const what = `${worker.session.name} cannot run cell ${cell}, which another host tries: ${trouble}`;
      host.notice(warning("CELL_MOVED", plainLine(what)));
    } else {
      given.attempt ??= beginAttempt(directory, cell, given.wanted, worker.session.name);
      takeAnswer(directory, given.attempt, body);
      doubted.delete(cell);
      if (doubter !== undefined && trouble === undefined)
        giveUp(doubter, `${worker.session.name} could run what it could not`);
    }
    feed();
  };

  const follow = async (worker: Worker): Promise<void> => {
    const { session } = worker;
    const names = manifest.kernels.flatMap(({ copy }) => (copy === null ? [] : [copy.name]));
    const signs = exchangeLifeSigns({
      beat: () => session.beat(),
      silenceMs: SILENCE_MS,
      onSilent: () => {
        giveUp(worker, `it has said nothing for ${SILENCE_MS / 1000} s`);
        session.kill();
      },
    });
    session.onBytes(() => signs.heard());
    try {
      await session.send(
        { kind: "plan", kernels: [...new Set(names)], jobs },
        readFileSync(join(directory, "plan.json")),
      );
      for await (const frame of session.frames) {
        const { head } = frame;
        switch (head.kind) {
          case "wants":
            for (const name of textsOf(head, "kernels").filter((each) => names.includes(each)))
              await sendKernel(session, join(directory, "kernels"), name).catch((error: unknown) => {
                giveUp(worker, error instanceof Error ? error.message : String(error));
                throw error;
              });
            break;
          case "ready":
            worker.slots = numberOf(head, "jobs");
            feed();
            break;
          case "refused":
          case "failed":
            giveUp(worker, plainLine(textOf(head, "message")));
            break;
          case "notice":
            if (worker.gone === undefined)
              host.notice({
                kind: "remark",
                message: `${session.name}: ${plainLine(textOf(head, "message"))}`,
              });
            break;
          case "begun":
          case "answer":
            try {
              take(worker, frame);
            } catch (error) {
              failHere(error);
            }
            break;
          default:
          // Signs of life.
        }
      }
    } catch {
      // What it says is cut off, most often: how the connection ended is the better reason.
      session.kill();
    } finally {
      signs.end();
    }
    giveUp(worker, await session.ended);
  };
  const following = workers.map(follow);

  return {
    pauseMs: 250,
    ended: () => Promise.resolve(lost),
    explain: () => Promise.resolve(""),
    async cancel() {
      isOver = true;
      pending.length = 0;
      await endSessions(sessions);
      await Promise.all(following);
    },
  };
}

/** Tells hosts to end, and waits until they have. @throws `HOSTS_NOT_STOPPED` */
export async function endSessions(sessions: readonly HostSession[]): Promise<void> {
  const left = await Promise.all(
    sessions.map(async ({ name, send, ended, kill }) => {
      void send({ kind: "stop" });
      let isLate = false;
      const late = setTimeout(() => {
        isLate = true;
        kill();
      }, STOP_MS);
      await ended;
      clearTimeout(late);
      return isLate ? [name] : [];
    }),
  );
  const names = left.flat();
  if (names.length === 0) return;
  throw codedError("HOSTS_NOT_STOPPED", `not said that their guests have ended: ${names.join(", ")}`, {
    hint: "A vm there ends them when it has heard nothing for half a minute.",
  });
}

/** Why a cell could not be run, where that is perhaps the host's fault; undefined: it ran, or no host can run it. */
function troubleOf(manifest: Manifest, cell: number, body: Buffer): string | undefined {
  if (cellAt(manifest, cell - 1)?.kernel.copy === null) return undefined;
  let answer: unknown;
  try {
    answer = fromPlainText(body.toString());
  } catch {
    return "its answer cannot be read";
  }
  const end = field(field(answer, "result"), "end");
  const kind = field(end, "kind");
  if (kind !== "broken" && kind !== "unusable") return undefined;
  const message = field(field(end, "problem"), "message");
  return typeof message === "string" ? message : "it does not say why";
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const fields: Partial<Record<string, unknown>> = { ...value };
  return fields[key];
}
