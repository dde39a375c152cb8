import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { codedError, lineSplitter, quoteShell } from "@vm/command-plan";
import { findRunningGuest, makeRuntimeDirectory } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import { tell, type Host } from "../host.js";
import { tellIfLong } from "../long-step.js";
import { remark } from "../notice.js";
import type { StartedWhen } from "../request/request.js";
import { launchSupervisor, type Launched } from "./launch.js";
import { stuckError } from "./boot-watch.js";
import {
  failureOf,
  type GuestOrder,
  type HandedOrder,
  type SupervisorMessage,
  type UpSign,
} from "./guest-order.js";

/** How an order is carried out. */
export interface StartSettings {
  /** The program that watches over a guest; behind its words comes the path of a socket. */
  readonly supervisor: readonly [string, ...string[]];
  /** When the guest counts as started: when it is up, or as soon as QEMU runs. */
  readonly until: StartedWhen;
  /** How long to wait for it to be up. */
  readonly limitMs: number;
  /** Aborted when nobody wants to wait any longer. */
  readonly signal?: AbortSignal;
}

/** A guest that was started. */
export interface StartedGuest {
  readonly name: string;
  /** How it showed that it is up; null: it was not waited for. */
  readonly up: UpSign | null;
}

/**
 * Starts a guest that outlives us, and waits until it is up.
 *
 * @throws `GUEST_RUNNING`, whatever a run throws; `GUEST_ENDED` when it ended before it was up, `GUEST_STUCK` when its kernel
 * panicked or its boot gave up, `GUEST_NOT_UP` when the time was over: it runs on
 */
export async function startOrdered(
  order: GuestOrder,
  settings: StartSettings,
  host: Host,
): Promise<StartedGuest> {
  refuseSecond(order, host);
  const directory = makeRuntimeDirectory(host.env);
  const path = join(directory, `start-${randomBytes(6).toString("hex")}`);
  const server = createServer();
  await listen(server, path);
  let launched: Launched | undefined;
  try {
    launched = await launchSupervisor([...settings.supervisor, path], { name: order.name, directory }, host);
    const socket = await connection(server, launched);
    socket.write(`${JSON.stringify(handed(order, host, launched.unit))}\n`);
    return await tellIfLong(
      `waiting until ${order.name} is up`,
      () => conversation(socket, order, settings, host),
      host,
    );
  } finally {
    server.close();
    rmSync(path, { force: true });
    launched?.letGo();
  }
}

/** Two of one name would be told apart by nobody. */
function refuseSecond({ name }: GuestOrder, host: Host): void {
  const running = findRunningGuest({ home: vmHome(host), name }, host.env);
  if (running === undefined) return;
  throw codedError(
    "GUEST_RUNNING",
    `${name} is already running (since ${running.since}: ${running.command.join(" ")})`,
    {
      hint: `vm stop ${quoteShell(name)} ends it.`,
    },
  );
}

function handed(order: GuestOrder, { env }: Host, unit: string | undefined): HandedOrder {
  const values = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const umask = process.umask();
  return { ...order, env: Object.fromEntries(values), umask, ...(unit === undefined ? {} : { unit }) };
}

async function listen(server: Server, path: string): Promise<void> {
  server.listen(path);
  await once(server, "listening");
}

async function connection(server: Server, { failed }: Launched): Promise<Socket> {
  const connected = once(server, "connection").then(([socket]: Socket[]) => socket);
  const socket = await Promise.race([connected, failed]);
  if (socket === undefined) throw new Error("a connection without a socket");
  return socket;
}

/** Listens to who watches over the guest, until it is known how the start went. */
function conversation(
  socket: Socket,
  { name }: GuestOrder,
  { until, limitMs, signal }: StartSettings,
  host: Host,
): Promise<StartedGuest> {
  return new Promise((resolve, reject) => {
    let isStarted = false;
    const later = (reason: string, hint: string): Error =>
      codedError("GUEST_NOT_UP", `${name} ${reason}`, { hint });
    const watching = `It goes on: vm console ${quoteShell(name)} shows it, vm stop ${quoteShell(name)} ends it.`;
    const onTime = (): void => end(() => reject(later(`is not up after ${limitMs / 1000} s`, watching)));
    let timer: NodeJS.Timeout | undefined;
    // Before QEMU runs, whoever closes the connection gives the start up.
    const onAbort = (): void =>
      end(() => reject(isStarted ? later("is not up yet", watching) : later("was not started", "")));
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.destroy();
      settle();
    };
    const take = (message: SupervisorMessage): void => {
      switch (message.kind) {
        case "notice":
          tell(host, [message.notice]);
          return;
        case "started":
          isStarted = true;
          timer = setTimeout(onTime, limitMs);
          if (until === "started") end(() => resolve({ name, up: null }));
          return;
        case "up":
          end(() => resolve({ name, up: message.by }));
          return;
        case "stuck":
          end(() => reject(stuckError(name, message.reason)));
          return;
        case "failed":
          end(() => reject(failureOf(message)));
          return;
        case "ended":
          tell(host, [remark(`${name}: ${message.sentence}`)]);
          end(() => reject(endedError(name)));
          return;
        default:
          message satisfies never;
      }
    };
    const lines = lineSplitter((line) => take(JSON.parse(line)), { maxLength: Infinity });
    socket.on("data", (chunk: Buffer) => lines.push(chunk));
    socket.on("error", () => {});
    socket.once("close", () => end(() => reject(endedError(name))));
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function endedError(name: string): Error {
  return codedError("GUEST_ENDED", `${name} has ended before it was up`, {
    hint: `vm logs ${quoteShell(name)} shows what its console said.`,
  });
}
