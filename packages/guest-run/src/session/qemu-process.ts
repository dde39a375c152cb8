import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { launcherArgv } from "../foreground/launcher.js";
import { qemuEnvironment } from "../qemu/environment.js";
import { FIRST_DESCRIPTOR, type Channel } from "../protocol/plan.js";
import { pipeSocket, withoutReadAhead } from "../pipe/batched-reading.js";
import { makePipe, type Pipe } from "../pipe/named-pipe.js";

/** A QEMU with a socket to each channel; the console's can only be read. */
export interface QemuProcess {
  readonly pid: number | null;
  readonly channels: ReadonlyMap<Channel, Socket>;
  /** Settles when the process has ended and every channel was read to its end. Never rejects. */
  readonly end: Promise<QemuEnd>;
  kill(signal: NodeJS.Signals): void;
}

export interface QemuEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what QEMU wrote on its standard error. */
  readonly stderr: string;
  /** Why it could not be started at all; null when it was. */
  readonly error: Error | null;
}

/**
 * Starts QEMU in a session of its own (a terminal's Ctrl-C is not for it), with a socket for each channel on the
 * descriptors from 3 on, in order; for the console a pipe. It dies with us.
 */
export function startQemu({
  argv,
  channels,
  cwd,
  lockFd,
  env,
}: {
  readonly argv: readonly [program: string, ...args: string[]];
  readonly channels: readonly Channel[];
  readonly cwd: string;
  /** Goes to QEMU after the channels, to be held. */
  readonly lockFd?: number;
  readonly env: NodeJS.ProcessEnv;
}): QemuProcess {
  const [program, ...args] = launcherArgv({ argv, env, modes: "none", parentPid: process.pid });
  let child: ChildProcess;
  let pipe: Pipe | undefined;
  let console: Socket | undefined;
  try {
    if (channels.includes("console")) {
      const made = makePipe();
      pipe = made;
      console = withoutReadAhead(() => pipeSocket(made.reader));
    }
    const ends = channels.map((channel) => (channel === "console" ? (pipe?.writer ?? "ignore") : "pipe"));
    const stdio: StdioOptions = ["ignore", "ignore", "pipe", ...ends, lockFd ?? "ignore"];
    const environment = qemuEnvironment(env, argv);
    child = withoutReadAhead(() => spawn(program, args, { cwd, env: environment, stdio, detached: true }));
  } catch (cause) {
    console?.destroy();
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { pid: null, channels: new Map(), end: Promise.resolve(notStarted(error)), kill: () => {} };
  } finally {
    if (pipe !== undefined) closeSync(pipe.writer);
  }
  const sockets = new Map<Channel, Socket>();
  channels.forEach((channel, index) => {
    // Node makes each of the others as one end of a Unix socket pair.
    const socket: unknown = channel === "console" ? console : stdioOf(child)[FIRST_DESCRIPTOR + index];
    if (!(socket instanceof Socket)) return;
    // QEMU's death shows in `end`.
    socket.on("error", () => {});
    sockets.set(channel, socket);
  });
  return {
    pid: child.pid ?? null,
    channels: sockets,
    end: watchEnd(child, console),
    kill: (signal) => void child.kill(signal),
  };
}

/** Without descriptors left Node makes none of them, whatever its types say. */
function stdioOf(child: { readonly stdio?: readonly unknown[] }): readonly unknown[] {
  return child.stdio ?? [];
}

async function watchEnd(child: ChildProcess, console: Socket | undefined): Promise<QemuEnd> {
  let stderr = "";
  child.stderr?.on("error", () => {});
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-MAX_STDERR);
  });
  const closed =
    console === undefined
      ? Promise.resolve()
      : new Promise<void>((resolve) => void console.once("close", () => resolve()));
  const ended = await new Promise<QemuEnd>((resolve) => {
    child.once("error", (error) => resolve(notStarted(error)));
    child.once("close", (code, signal) => resolve({ code, signal, stderr: stderr.trim(), error: null }));
  });
  await closed;
  return ended;
}

function notStarted(error: Error): QemuEnd {
  return { code: null, signal: null, stderr: "", error };
}

const MAX_STDERR = 8192;
