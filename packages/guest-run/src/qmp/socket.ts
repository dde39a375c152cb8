import { createConnection, type Socket } from "node:net";
import { codedError } from "@vm/command-plan";

/** Connects to a socket of QEMU. @throws `QMP_UNREACHABLE` */
export async function openSocket(path: string): Promise<Socket> {
  const socket = createConnection(path);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject);
    });
  } catch (cause) {
    socket.destroy();
    throw codedError("QMP_UNREACHABLE", `nobody listens on ${path}`, { cause });
  }
  // QEMU's end shows as the close that follows.
  socket.on("error", () => {});
  return socket;
}

const RETRY_MS = 25;

/** Connects as soon as QEMU listens; null when `signal` was aborted before. */
export async function waitForSocket(path: string, signal: AbortSignal): Promise<Socket | null> {
  while (!signal.aborted) {
    try {
      return await openSocket(path);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  return null;
}
