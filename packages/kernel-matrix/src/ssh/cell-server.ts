import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { codedError } from "@vm/command-plan";
import { isDirectory, makeCacheRoom, noteUse, withDraftUntil } from "@vm/host-files";
import { noticeText, type Host } from "@vm/operations";
import { answerText } from "../cells/cell-results.js";
import { openCellRoom, openCells, runCells, type CellRun } from "../cells/run-cells.js";
import { problemOf } from "../result.js";
import type { RunOrigin } from "../result.js";
import type { MatrixControl } from "../run-matrix.js";
import { runOrigin } from "../run-origin.js";
import { asManyAsBearable } from "../test-run.js";
import {
  frameWriter,
  numberOf,
  OPENING,
  readFrames,
  textsOf,
  type Frame,
  type FrameWriter,
} from "./frames.js";
import { exchangeLifeSigns, type LifeSigns } from "./life-signs.js";
import { isKernelName, receiveKernel, roomName } from "./shipped-kernel.js";

/** How long the client may say nothing before its guests are ended. */
const SILENCE_MS = 30_000;

const SIGTERM = 15;

/** What the other side of `vm test --on ssh` talks through. */
export interface CellConnection {
  /** Of this vm. */
  readonly version: string;
  readonly input: Readable;
  /** Writes the first text, all of it, and gives what takes the rest. @throws where nothing can be written */
  open(this: void, first: string): Writable;
}

/**
 * Runs cells for a client on another machine. What it sends: `plan`, the kernels that this machine lacks, `cell` for each cell, `stop`. When it
 * says that, is gone, or says nothing for half a minute, the guests are ended, and nothing is left but the kernels in the cache.
 *
 * @throws `CONNECTION_LOST` where the client went away, `CONNECTION_GARBLED` where it is none; what `open` throws
 */
export async function serveCells({ version, input, open }: CellConnection, host: Host): Promise<void> {
  const output = open(`${OPENING}\n`);
  const writer = frameWriter(output);
  let signs: LifeSigns | undefined;
  const frames = readFrames(input, () => signs?.heard());
  await writer.send({ kind: "hello", version, arch: host.arch });
  try {
    const first = await frames.next();
    if (first.done === true) throw gone();
    // Its plan failed, or it found out enough.
    if (first.value.head.kind === "stop") return;
    signs = exchangeLifeSigns({
      beat: () => writer.beat(),
      silenceMs: SILENCE_MS,
      onSilent: () => input.destroy(),
    });
    await servePlan(first.value, frames, writer, { host, origin: runOrigin(version) });
  } catch (error) {
    // Nobody takes what is left to say.
    output.destroy();
    throw error;
  } finally {
    signs?.end();
    input.destroy();
    output.end();
  }
}

function gone(): Error {
  return codedError("CONNECTION_LOST", "the client of these cells has gone");
}

/** This machine. */
interface Here {
  readonly host: Host;
  /** As reports name it. */
  readonly origin: RunOrigin;
}

async function servePlan(
  plan: Frame,
  frames: AsyncGenerator<Frame, undefined>,
  writer: FrameWriter,
  { host, origin }: Here,
): Promise<void> {
  let hasBegun = false;
  try {
    const room = makeCacheRoom(host.cacheDir, roomName);
    await withDraftUntil(room, async (directory) => {
      writeFileSync(join(directory, "plan.json"), plan.body);
      mkdirSync(join(directory, "results"));
      const told = new Set<string>();
      const there: Host = {
        ...host,
        notice: (notice) => {
          const message = noticeText(notice);
          if (told.has(message)) return;
          told.add(message);
          void writer.send({ kind: "notice", message });
        },
      };
      const cells = openCells({ operation: "run-cells", directory }, there, room);
      await takeKernels(textsOf(plan.head, "kernels"), room, frames, writer);
      const cellRoom = openCellRoom(cells, there);
      const jobs =
        plan.head["jobs"] === undefined ? await bearable(cells, cellRoom) : numberOf(plan.head, "jobs");
      await writer.send({ kind: "ready", jobs });
      hasBegun = true;
      await serveChosen(cells, cellRoom, frames, writer, { host: there, origin });
    });
  } catch (error) {
    if (hasBegun) throw error;
    await writer.send({ kind: "refused", message: sentenceOf(error) });
  }
}

/** Kernels that are in the cache already are not sent again. */
async function takeKernels(
  names: readonly string[],
  room: string,
  frames: AsyncGenerator<Frame, undefined>,
  writer: FrameWriter,
): Promise<void> {
  const strange = names.find((name) => !isKernelName(name));
  if (strange !== undefined) throw codedError("CONNECTION_GARBLED", `no kernel has the name ${strange}`);
  const missing = names.filter((name) => !isDirectory(join(room, name)));
  await writer.send({ kind: "wants", kernels: missing });
  for (const name of missing) await receiveKernel(frames, room, name);
  for (const name of names) noteUse(join(room, name));
}

/** As many guests as `vm test` runs here at once. */
async function bearable(
  { manifest }: CellRun,
  { settings, ready }: ReturnType<typeof openCellRoom>,
): Promise<number> {
  const usable = manifest.kernels.findIndex(({ copy }) => copy !== null);
  return asManyAsBearable(usable < 0 ? [] : [await ready(usable)], settings).jobs;
}

/** Runs the cells that the client names, each as soon as it is named: it knows how many may run at once. */
async function serveChosen(
  cells: CellRun,
  cellRoom: ReturnType<typeof openCellRoom>,
  frames: AsyncGenerator<Frame, undefined>,
  writer: FrameWriter,
  { host, origin }: Here,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const controls = new Set<MatrixControl>();
  let isStopped = false;
  const runOne = async (cell: number, attempt: number): Promise<void> => {
    let control: MatrixControl | undefined;
    try {
      await runCells(
        { ...cells, choice: { kind: "cell", cell }, total: 1, settings: { jobs: 1, attempt } },
        host,
        {
          origin,
          onStart(given) {
            control = given;
            controls.add(given);
            if (isStopped) given.stop(SIGTERM);
          },
          onEvent({ kind }) {
            if (kind === "started") void writer.send({ kind: "begun", cell, attempt });
          },
        },
        cellRoom,
      );
      const answer = answerText(cells.directory, { cell, attempt });
      if (answer !== null) await writer.send({ kind: "answer", cell, attempt }, Buffer.from(answer));
      else if (!isStopped) throw codedError("CELL_UNANSWERED", `cell ${cell} came to no answer`);
    } catch (error) {
      if (!isStopped) await writer.send({ kind: "failed", cell, attempt, message: sentenceOf(error) });
    } finally {
      if (control !== undefined) controls.delete(control);
    }
  };
  try {
    for (;;) {
      const next = await frames.next();
      if (next.done === true) throw gone();
      const { head } = next.value;
      if (head.kind === "stop") return;
      if (head.kind !== "cell") continue;
      const turn = runOne(numberOf(head, "cell"), numberOf(head, "attempt"));
      running.add(turn);
      void turn.finally(() => running.delete(turn));
    }
  } finally {
    isStopped = true;
    for (const control of controls) control.stop(SIGTERM);
    await Promise.all(running);
  }
}

function sentenceOf(error: unknown): string {
  const { message, hint } = problemOf(error);
  return hint === undefined ? message : `${message}. ${hint}`;
}
