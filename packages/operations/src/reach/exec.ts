import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import type { Host } from "../host.js";
import { execScript } from "./exec-script.js";
import { sshProgram } from "./guest-keys.js";
import { findReachedGuest, type ReachedGuest } from "./reached-guest.js";
import { ensureMaster, isMasterThere } from "./ssh-master.js";
import { NO_STARTUP_FILES, sessionWords, settings } from "./ssh-words.js";
import type { ExecRequest } from "../request/request.js";

/** A command in a guest, ready to be started on streams of whoever starts it. */
export interface PreparedExec {
  /** ssh's, over the guest's master. */
  readonly argv: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  /** Sends a signal (`INT`) to the command's process group in the guest: a program to run, and its environment. */
  signal(this: void, name: string): readonly [string, ...string[]];
  /**
   * What the end of the program at `argv` means: the command's own exit code.
   * @throws `GUEST_LOST` when the guest was gone before all of the command's output and its status were here
   */
  end(this: void, status: number): Promise<number>;
  /** Removes what was made for it. */
  close(this: void): void;
}

/** What every shell takes as it stands, and every session of a guest begins with. */
const BEGIN = `exec sh -c 'eval "$VM_EXEC"'`;

/** Makes a command ready: the guest is connected when this settles. @throws what `findReachedGuest`, `ensureMaster` and `execScript` throw */
export async function prepareExec(
  { guest: name, command = [], input }: ExecRequest,
  host: Host,
): Promise<PreparedExec> {
  const guest = findReachedGuest(name, host);
  const script = execScript(guest, command, host);
  const ssh = sshProgram("ssh", host.env);
  await ensureMaster(guest, host);
  const id = randomBytes(8).toString("hex");
  const log = join(guest.entry, `exec-${id}.log`);
  const isTerminal = (input ?? (command.length === 0 ? "terminal" : "pipe")) === "terminal";
  const session = [...sessionWords(guest), ...settings([["SendEnv", "VM_EXEC VM_EXEC_ID SHLVL"]])];
  return {
    // What ssh itself has to say goes to a file: standard error is the command's.
    argv: [
      ssh,
      ...session,
      "-vv",
      "-E",
      log,
      "-e",
      "none",
      isTerminal ? "-tt" : "-T",
      ...(input === "none" ? ["-n"] : []),
      "vm",
      BEGIN,
    ],
    env: { ...host.env, ...NO_STARTUP_FILES, VM_EXEC: script, VM_EXEC_ID: id },
    signal: (signal) => [ssh, ...session, "-n", "-T", "vm", killText(id, signal)],
    async end(status) {
      const isThere = await isMasterThere(guest);
      if (!isThere || (status === 255 && !hasStatus(log))) throw lost(guest, isThere);
      return status;
    },
    close: () => rmSync(log, { force: true }),
  };
}

/*
 * When a status is the command's own, and its output whole: ssh's 255 is its own as well, so its log says whose it is; and a status may come
 * before the last of the output: a master that still lives has written all of it before it ended the session.
 */
function hasStatus(log: string): boolean {
  return existsSync(log) && /Received exit status from master 255\b/.test(readFileSync(log, "utf8"));
}

/** Any shell takes it: the processes that have the variable lead the command's session. */
function killText(id: string, signal: string): string {
  const text = `for p in /proc/[0-9]*; do if grep -qs VM_EXEC_ID=${id} $p/environ; then kill -s ${signal} -- -\${p#/proc/}; fi; done`;
  return `exec sh -c '${text}'`;
}

function lost({ name }: ReachedGuest, isThere: boolean): Error {
  return isThere
    ? codedError("GUEST_LOST", `the command's session in ${name} was ended from outside`, {
        hint: "What was printed may not be all of it.",
      })
    : codedError("GUEST_LOST", `${name} has gone before the command was done`, {
        hint: "What was printed may not be all of it. vm list shows what runs.",
      });
}
