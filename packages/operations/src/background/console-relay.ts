import { createServer, type Socket } from "node:net";
import type { Writable } from "node:stream";
import type { BoundedLog } from "./bounded-log.js";

/** A guest's console for any number of people at once: what it says goes to all of them and to the log, what they type to the guest. */
export interface ConsoleRelay {
  /** Takes what the console says. */
  push(chunk: Buffer): void;
  /** Ends the connections, when what was said has gone out to those who take it. */
  close(): Promise<void>;
}

/** What somebody sees of the past who comes later. */
const KEPT_BYTES = 16 * 1024;

/** How far a slow reader may be behind before it misses something: the guest waits for nobody. */
const BEHIND_BYTES = 1024 * 1024;

/** How long a reader has for the last words. */
const LAST_WORDS_MS = 2000;

/** Listens on a socket (a path), and hands on what comes in to the guest. */
export async function openConsoleRelay({
  path,
  log,
  input,
}: {
  readonly path: string;
  readonly log: BoundedLog;
  readonly input: Writable;
}): Promise<ConsoleRelay> {
  const clients = new Set<Socket>();
  let kept = Buffer.alloc(0);
  let isLogLost = false;
  input.on("error", () => {});
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => clients.delete(socket));
    // What is typed while the guest does not read waits in QEMU and in us; a whole file that is pasted waits in its sender.
    socket.on("data", (chunk: Buffer) => {
      if (input.writable && !input.write(chunk)) {
        socket.pause();
        input.once("drain", () => socket.resume());
      }
    });
    socket.write(kept);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve).once("error", reject).listen(path);
  });
  return {
    push(chunk) {
      kept = Buffer.concat([kept, chunk]).subarray(-KEPT_BYTES);
      for (const socket of clients) {
        if (socket.writableLength < BEHIND_BYTES) socket.write(chunk);
      }
      if (isLogLost) return;
      try {
        log.write(chunk);
      } catch (error) {
        // A full disk: the guest and those who look at it go on.
        isLogLost = true;
        const reason = error instanceof Error ? error.message : String(error);
        for (const socket of clients)
          socket.write(`\r\nvm: the console's log cannot be written: ${reason}\r\n`);
      }
    },
    async close() {
      server.close();
      await Promise.all([...clients].map(endOf));
    },
  };
}

async function endOf(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.end();
    // Whoever has read the end of it has no more to say.
    socket.once("finish", () => socket.destroy());
  });
}
