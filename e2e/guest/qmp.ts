import { createConnection } from "node:net";
import { createInterface } from "node:readline";

/** A connection to QEMU's machine protocol. */
export interface Qmp {
  /** The `return` of a command. @throws with QEMU's own description when it refuses */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

const RETRY_MS = 100;

/**
 * Connects to a QMP socket: `-qmp unix:PATH,server=on,wait=off`. Tries again until QEMU listens.
 * @throws when nobody listens within `timeoutMs`
 */
export async function connectQmp(
  path: string,
  { timeoutMs = 60_000 }: { readonly timeoutMs?: number } = {},
): Promise<Qmp> {
  const socket = await connect(path, Date.now() + timeoutMs);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async (): Promise<object> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`QEMU closed ${path}`);
    const message: unknown = JSON.parse(line.value);
    if (typeof message !== "object" || message === null) throw new Error(`QMP: not an object: ${line.value}`);
    return message;
  };

  async function execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    for (;;) {
      const answer = await next();
      if ("return" in answer) return answer.return;
      if ("error" in answer) throw new Error(`QMP ${command}: ${JSON.stringify(answer.error)}`);
      // Anything else is an event: a guest that reboots or a network that comes up, of no interest here.
    }
  }

  await next();
  await execute("qmp_capabilities");
  return { execute, close: () => void socket.destroy() };
}

async function connect(path: string, deadline: number): Promise<ReturnType<typeof createConnection>> {
  for (;;) {
    const socket = createConnection(path);
    const failure = await new Promise<Error | undefined>((resolve) => {
      socket.once("connect", () => resolve(undefined)).once("error", resolve);
    });
    if (failure === undefined) return socket;
    socket.destroy();
    if (Date.now() > deadline) throw failure;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
