import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { openExecPort } from "@vm/guest-run";
import { noFlock, tryLock } from "@vm/host-files";
import type { Host } from "../host.js";
import { guestKeys, HOST_KEY_ALIAS, sshProgram } from "./guest-keys.js";
import type { ReachedGuest } from "./reached-guest.js";
import { controlPath, identityWords, masterLog, settings } from "./ssh-words.js";

/** How long a guest has to answer: emulated ones on a busy machine are slow. */
const ANSWER_MS = 60_000;

/** How long to wait for another one who opens the master. */
const LOCK_SECONDS = 120;

/**
 * Sees to it that there is an ssh master for a guest: one connection through the guest's port, over which any number of sessions go at
 * once. It is a process of its own that ends with the guest.
 *
 * @throws `SSH_NOT_FOUND`, `KEYS_UNUSABLE`, `EXEC_NO_ANSWER`, `EXEC_REFUSED`, `EXEC_PORT_CLOSED`, `SSH_MASTER_FAILED`
 */
export async function ensureMaster(guest: ReachedGuest, host: Host): Promise<void> {
  if (await isMasterThere(guest)) return;
  const lock = openSync(join(guest.entry, "ssh.lock"), "a", 0o600);
  try {
    const answer = tryLock(lock, { seconds: LOCK_SECONDS });
    if (answer.state === "unknown") throw noFlock(answer.cause);
    if (answer.state === "held") throw masterFailed(guest, "another one has been opening it for two minutes");
    if (!(await isMasterThere(guest))) await startMaster(guest, host);
  } finally {
    closeSync(lock);
  }
}

/** A master that has died leaves a socket that nobody listens at. */
export function isMasterThere(guest: Pick<ReachedGuest, "entry">): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: controlPath(guest) });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}

async function startMaster(guest: ReachedGuest, host: Host): Promise<void> {
  const keys = guestKeys(host);
  const ssh = sshProgram("ssh", host.env);
  const socket = await openExecPort(guest.execSocket, keys.sshd, { timeoutMs: ANSWER_MS });
  const argv = [
    "-F",
    "none",
    "-N",
    "-f",
    "-M",
    "-S",
    controlPath(guest),
    "-E",
    masterLog(guest),
    ...settings([
      ...identityWords(keys),
      // Its standard input and output are the connection: nothing stands between ssh and the guest.
      ["ProxyCommand", "-"],
      ["ControlPersist", "no"],
      // What sessions may hand on is the master's to say.
      ["SendEnv", "VM_* SHLVL LANG LC_* COLORTERM NO_COLOR"],
      ["KexAlgorithms", "^curve25519-sha256"],
      // A word now and then, and no end without an answer (a guest may stand in a debugger for hours): should a wake-up be lost on the way,
      // the next word wakes whoever waits.
      ["ServerAliveInterval", "15"],
      ["ServerAliveCountMax", "2147483647"],
      ["ConnectTimeout", String(ANSWER_MS / 1000)],
      ["LogLevel", "ERROR"],
    ]),
    HOST_KEY_ALIAS,
  ];
  const status = await runMaster([ssh, ...argv], socket, guest.entry);
  if (status !== 0) throw masterFailed(guest, lastWords(guest));
}

/** Settles when ssh has gone to the background, or has failed. */
function runMaster(
  [program, ...args]: readonly [string, ...string[]],
  socket: Socket,
  cwd: string,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: [socket, socket, "ignore"], detached: true });
    child.once("error", reject);
    child.once("exit", (code) => {
      socket.destroy();
      resolve(code);
    });
  });
}

function lastWords(guest: ReachedGuest): string {
  try {
    return readFileSync(masterLog(guest), "utf8").trim().split("\n").at(-1) ?? "";
  } catch {
    return "";
  }
}

function masterFailed({ name }: ReachedGuest, reason: string): Error {
  return codedError(
    "SSH_MASTER_FAILED",
    `ssh cannot log in to ${name}${reason === "" ? "" : `: ${reason}`}`,
    {
      hint: "The guest may be at its end. Try again; vm list shows what runs.",
    },
  );
}
