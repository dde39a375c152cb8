import { createConnection, type Socket } from "node:net";
import { lineSplitter } from "@vm/command-plan";
import { processHost } from "../process-host.js";
import { failureMessage, type HandedOrder, type SupervisorMessage } from "./guest-order.js";
import { superviseGuest } from "./supervise-guest.js";

/** How long what was begun may take to end. */
const LEFTOVER_LIMIT_MS = 3000;

/**
 * Is the process that watches over one guest in the background: `vm start` starts it, hands it its order over a socket, and hears how it
 * goes. Then it is on its own. It becomes what the order says, with its environment and umask, and sets its exit code.
 *
 * @param start `socket`: a path; `fragments`: the directory of the fragments that are known by name
 */
export async function runSupervisor(start: {
  readonly socket: string;
  readonly fragments: string;
}): Promise<void> {
  const stop = new AbortController();
  const socket = createConnection(start.socket);
  socket.on("error", () => {});
  let isStarted = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());
  // Nobody's terminal is ours.
  process.on("SIGHUP", () => {});
  const say = (message: SupervisorMessage): void => {
    if (message.kind === "started") isStarted = true;
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  const { env, umask, unit, ...order } = await receiveOrder(socket);
  process.umask(umask);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  const givenUp = new AbortController();
  // Who gives up before QEMU runs wants no guest.
  socket.once("close", () => {
    if (isStarted) return;
    givenUp.abort();
    setTimeout(() => process.exit(), LEFTOVER_LIMIT_MS).unref();
  });
  const host = processHost({
    env,
    cwd: order.cwd,
    command: order.command,
    fragments: start.fragments,
    signal: givenUp.signal,
    notice: (notice) => say({ kind: "notice", notice }),
  });
  try {
    const end = await superviseGuest(order, {
      host,
      stop: stop.signal,
      say,
      ...(unit === undefined ? {} : { unit }),
    });
    say({ kind: "ended", ...end });
    process.exitCode = 0;
  } catch (error) {
    say(failureMessage(error));
  }
  socket.end();
}

/** The first line that comes. */
function receiveOrder(from: Socket): Promise<HandedOrder> {
  return new Promise((resolve, reject) => {
    const lines = lineSplitter((line) => resolve(JSON.parse(line)), { maxLength: Infinity });
    from.on("data", (chunk: Buffer) => lines.push(chunk));
    from.once("close", () => reject(new Error("vm start has ended")));
  });
}
