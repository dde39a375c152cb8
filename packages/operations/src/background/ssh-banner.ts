import { createConnection } from "node:net";

/** An address of this host that leads to the guest's ssh server. */
export interface SshForward {
  readonly address: string;
  readonly port: number;
}

const FORWARD = /(?:^|,)hostfwd=tcp:([^:,]*):(\d+)-[^:,]*:22(?:,|$)/;

/** The first forward to port 22 of the guest in QEMU's arguments. Source: the QEMU manual, `-netdev user`. */
export function findSshForward(argv: readonly string[]): SshForward | undefined {
  for (const word of argv) {
    const [, address = "", port] = FORWARD.exec(word) ?? [];
    if (port !== undefined)
      return { address: address === "" || address === "0.0.0.0" ? "127.0.0.1" : address, port: Number(port) };
  }
  return undefined;
}

const RETRY_MS = 500;
/** QEMU takes every connection, and closes it when nobody answers in the guest. */
const ANSWER_MS = 10_000;

/** Settles with true when an ssh server answers there, with false when `signal` is aborted before. */
export async function waitForSsh(forward: SshForward, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await greets(forward, signal)) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
  return false;
}

function greets({ address, port }: SshForward, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port });
    const end = (isUp: boolean): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(isUp);
    };
    const onAbort = (): void => end(false);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.setTimeout(ANSWER_MS, () => end(false));
    socket.on("error", () => end(false));
    socket.on("close", () => end(false));
    socket.once("data", (chunk: Buffer) => end(chunk.toString("latin1").startsWith("SSH-")));
  });
}
