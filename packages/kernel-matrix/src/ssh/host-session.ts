import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { codedError, errorCode, findProgram, plainLine } from "@vm/command-plan";
import type { Host } from "@vm/operations";
import { frameWriter, OPENING, readFrames, textOf, type Frame, type FrameWriter } from "./frames.js";
import { NO_VM, startCommand } from "./start-command.js";

/** A host by ssh, with a vm on it that waits for cells. */
export interface HostSession extends FrameWriter {
  /** As the person named it. */
  readonly name: string;
  /** What it says. They end with the connection. */
  readonly frames: AsyncGenerator<Frame, undefined>;
  /** Is called with each sign of life from now on. */
  onBytes(this: void, listener: () => void): void;
  /** Why the connection ended, as words. Resolves when it has. */
  readonly ended: Promise<string>;
  /** Ends the connection at once. */
  kill(this: void): void;
}

/** How long a host may take until its vm says a word. */
const HELLO_MS = 180_000;
const LAST_WORDS_MS = 2000;

/**
 * Batch mode: of several hosts each would ask for its password. A master connection that is there is used, and none is made: it would outlive
 * this one. Forwards of the person's configuration are for the person's sessions.
 */
const options: readonly string[] = [
  "BatchMode=yes",
  "ClearAllForwardings=yes",
  "ConnectTimeout=30",
  "ControlMaster=no",
  "ForwardAgent=no",
  "ForwardX11=no",
  "LogLevel=ERROR",
  "PermitLocalCommand=no",
  "RemoteCommand=none",
  "ServerAliveCountMax=3",
  "ServerAliveInterval=10",
].flatMap((option) => ["-o", option]);

/**
 * Starts vm on a host, and waits until it is there.
 *
 * @param version of this vm
 * @throws `SSH_NOT_FOUND`; `HOST_UNUSABLE` with why, as a sentence
 */
export async function connectHost(
  name: string,
  version: string,
  { env, cwd, program, arch }: Pick<Host, "arch" | "cwd" | "env" | "program">,
): Promise<HostSession> {
  const ssh = findProgram("ssh", env, cwd);
  if (ssh === undefined) {
    throw codedError("SSH_NOT_FOUND", "there is no ssh in PATH, which --on ssh connects with", {
      hint: "Debian: apt install openssh-client.",
    });
  }
  const { command, script } = startCommand(program);
  // A session of its own: Ctrl-C at the terminal is for us, who tell the other side.
  const child = spawn(ssh, ["-T", ...options, "--", name, command], {
    cwd,
    env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints = `${complaints}${text}`.slice(-8192);
  });
  const closed = once(child, "close");
  const ended = once(child, "exit").then(
    async ([status]: unknown[]) => {
      // Its last words; a ProxyCommand may hold their stream open.
      await Promise.race([closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
      return endingWords(typeof status === "number" ? status : null, complaints);
    },
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  closed.catch(() => {});
  let heard: (() => void) | undefined;
  const frames = readFrames(child.stdout, () => heard?.());
  const writer = frameWriter(child.stdin);
  child.stdin.write(script);
  child.stdin.write(`${OPENING}\n`);
  const session: HostSession = {
    ...writer,
    name,
    frames,
    onBytes(listener) {
      heard = listener;
    },
    ended,
    kill: () => child.kill("SIGKILL"),
  };
  const late = setTimeout(session.kill, HELLO_MS);
  try {
    const first = await frames.next();
    if (first.done === true || first.value.head.kind !== "hello") throw unusable(await ended);
    const { head } = first.value;
    const [theirs, theirArch] = [textOf(head, "version"), textOf(head, "arch")];
    if (theirs !== version)
      throw unusable(`its vm is ${theirs}, and this one ${version}: the same version plans and runs`);
    if (theirArch !== arch) throw unusable(`it is ${theirArch}, and this machine ${arch}`);
    return session;
  } catch (error) {
    session.kill();
    if (errorCode(error) === "CONNECTION_GARBLED") throw unusable("what answers is no vm that serves cells");
    throw error;
  } finally {
    clearTimeout(late);
  }
}

function unusable(reason: string): Error {
  return codedError("HOST_UNUSABLE", reason);
}

/** ssh's own exit code is 255; all others are of the command. */
function endingWords(code: number | null, complaints: string): string {
  if (code === NO_VM)
    return "it has no vm: neither at the place of this one, nor in PATH of a command by ssh";
  const line = complaints
    .split("\n")
    .map((text) => plainLine(text.trim()))
    .findLast((text) => text !== "");
  if (line !== undefined) return line.replace(/^(?:ssh|vm): /, "").slice(0, 500);
  if (code === null) return "the connection was ended";
  return code === 255 ? "the connection was lost" : `its vm ended with exit code ${code}`;
}
