import { closeSync, readSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import { errorCode } from "@vm/command-plan";
import { pipeSocket, readInBatches, withoutReadAhead } from "../pipe/batched-reading.js";
import { makePipe } from "../pipe/named-pipe.js";
import { openOwnOutput } from "./descriptors.js";

/** What QEMU writes on its standard output, on its way to ours: its terminal is ours in all else. */
export interface OutputCopy {
  /** QEMU's standard output, until `started`. */
  readonly writer: number;
  /** QEMU has it: reading begins. */
  started(): void;
  /**
   * QEMU has ended: settles when all that it wrote is written, or cannot be. Gives what kept it from that, but for a reader that has gone.
   * @param isStopped somebody wants no more of it
   */
  finish(isStopped: () => boolean): Promise<Error | null>;
  /** Lets go of everything, QEMU's end too. May be called twice. */
  close(): void;
}

/** How often a terminal or pipe that is full is tried again; the longer it is full, the more seldom. */
const RETRY_MS = { first: 2, most: 50 } as const;
const CHUNK_BYTES = 65_536;

/** @param watch sees all of it, and before it is written */
export function openOutputCopy(watch: (chunk: Buffer) => Promise<void> | void): OutputCopy {
  const pipe = makePipe();
  const target = openOwnOutput();
  let socket: Socket | undefined;
  let isWriterOpen = true;
  let lost: Error | null = null;
  let isReaderGone = false;
  /** Asked whether somebody wants no more of it; null as long as QEMU runs. */
  let isAbandoned: (() => boolean) | null = null;
  let writing: Promise<void> = Promise.resolve();

  const take = async (chunk: Buffer): Promise<void> => {
    await watch(chunk);
    let rest: number = RETRY_MS.first;
    for (let written = 0; written < chunk.length && lost === null && !isReaderGone;) {
      try {
        written += writeSync(target.fd, chunk, written);
        rest = RETRY_MS.first;
      } catch (error) {
        if (errorCode(error) === "EAGAIN") {
          if (isAbandoned?.() === true) return;
          const pause = rest;
          await new Promise<void>((resolve) => void setTimeout(resolve, pause));
          rest = Math.min(rest * 2, RETRY_MS.most);
        } else if (errorCode(error) === "EPIPE" || errorCode(error) === "EIO") {
          // Who read has gone, or the terminal has: QEMU goes on without, as if it had written itself.
          isReaderGone = true;
        } else {
          lost = error instanceof Error ? error : new Error(String(error));
        }
      }
    }
  };
  const letGoOfWriter = (): void => {
    if (isWriterOpen) closeSync(pipe.writer);
    isWriterOpen = false;
  };

  return {
    writer: pipe.writer,
    started() {
      letGoOfWriter();
      socket = withoutReadAhead(() => pipeSocket(pipe.reader));
      socket.on("error", () => {});
      readInBatches(socket, (chunk, more) => {
        writing = take(chunk).then(more);
      });
    },
    async finish(isStopped) {
      isAbandoned = isStopped;
      socket?.removeAllListeners("data").pause();
      await writing;
      // QEMU has ended, but what it started may hold the pipe: what is in it now is all.
      for (const chunk of leftIn(socket, pipe.reader)) await take(chunk);
      return lost;
    },
    close() {
      letGoOfWriter();
      if (socket === undefined) closeSync(pipe.reader);
      else socket.destroy();
      target.close();
    },
  };
}

function* leftIn(socket: Socket | undefined, fd: number): Generator<Buffer> {
  if (socket === undefined || socket.destroyed) return;
  for (;;) {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) break;
    yield chunk;
  }
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const bytes = readNow(fd, chunk);
    if (bytes === 0) return;
    yield chunk.subarray(0, bytes);
  }
}

/** 0: nothing is there. */
function readNow(fd: number, into: Buffer): number {
  try {
    return readSync(fd, into);
  } catch (error) {
    if (errorCode(error) === "EAGAIN") return 0;
    throw error;
  }
}
