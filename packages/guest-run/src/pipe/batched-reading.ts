import { Socket } from "node:net";
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from "node:stream";

/**
 * Makes sockets (`make`) that are not read any further once they are paused: see `readInBatches`. The mark is for the whole process, and
 * restored before any other code runs; why not something else: docs/decisions.md, "Two switches of Node that are for the whole process".
 */
export function withoutReadAhead<T>(make: () => T): T {
  const highWaterMark = getDefaultHighWaterMark(false);
  setDefaultHighWaterMark(false, 1);
  try {
    return make();
  } finally {
    setDefaultHighWaterMark(false, highWaterMark);
  }
}

/** A pipe's end as a socket, which closes it. To be made under `withoutReadAhead`. */
export function pipeSocket(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: false });
}

/**
 * Reads a serial port's bytes, which QEMU writes one by one: waking for each costs more than the guest's whole start.
 * After each read the socket rests for a few milliseconds, but for one that found the pipe half full: it holds 64 KiB, then QEMU makes
 * the guest wait.
 *
 * @param onData calls `more` when it can take the next bytes
 */
export function readInBatches(socket: Socket, onData: (chunk: Buffer, more: () => void) => void): void {
  socket.on("data", (chunk: Buffer) => {
    socket.pause();
    onData(chunk, () => {
      if (chunk.length >= HALF_A_PIPE) socket.resume();
      else setTimeout(() => socket.resume(), REST_MS);
    });
  });
}

const REST_MS = 4;
const HALF_A_PIPE = 32_768;
