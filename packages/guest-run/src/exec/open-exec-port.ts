import { createConnection, type Socket } from "node:net";
import { codedError, errorCode } from "@vm/command-plan";
import { sshdLine, type SshdKeys } from "./sshd-line.js";

/**
 * Connects to a guest's port for more commands, and has the guest's sshd serve it. No byte that comes after is read: the socket goes to an
 * ssh client as its standard input and output.
 *
 * @throws `EXEC_PORT_CLOSED` when nobody listens: the guest has gone; `EXEC_NO_ANSWER` when the guest says nothing in time;
 *   `EXEC_REFUSED` with the guest's reason
 */
export async function openExecPort(
  path: string,
  keys: SshdKeys,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Socket> {
  const lines = lineQueue();
  // Byte by byte: what follows the last line is not for us.
  const socket = createConnection({
    path,
    onread: { buffer: Buffer.alloc(1), callback: (_count, bytes) => lines.push(bytes[0] ?? 0) },
  });
  const timer = setTimeout(() => {
    socket.destroy(
      codedError("EXEC_NO_ANSWER", "the guest does not answer on its port for commands", {
        hint: "It may still be booting. A VM needs systemd 256 or newer, or the package of vm modules-package: docs/reach-into-guests.md, Which guests.",
      }),
    );
  }, timeoutMs);
  socket.once("error", (error) => lines.fail(refused(error)));
  socket.once("close", () => lines.fail(codedError("EXEC_PORT_CLOSED", "the guest has gone")));
  try {
    // Something of an earlier connection may stand before it.
    while ((await lines.next()) !== "vm1 exec");
    socket.write(sshdLine(keys));
    for (;;) {
      const line = await lines.next();
      if (line === "vm1 ready") break;
      const [, reason] = /^vm1 failed (.*)$/.exec(line) ?? [];
      if (reason !== undefined) throw notServed(reason);
    }
    socket.removeAllListeners("close");
    return socket;
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function notServed(reason: string): Error {
  return codedError("EXEC_REFUSED", `the guest cannot run commands: ${reason}`, {
    hint: "It needs OpenSSH's server, which need not be switched on: apt install openssh-server (Debian), pacman -S openssh (Arch Linux). An embedded guest has the one of its root.",
  });
}

function refused(error: Error): Error {
  const code = errorCode(error);
  if (code !== "ENOENT" && code !== "ECONNREFUSED") return error;
  return codedError("EXEC_PORT_CLOSED", "the guest has gone", { cause: error });
}

/** The most that a line of the guest may have. */
const MAX_LINE = 4096;

/** Lines out of bytes, for one who asks for them; after the last line that is waited for nothing more is taken. */
function lineQueue(): {
  push(byte: number): boolean;
  fail(error: Error): void;
  next(): Promise<string>;
} {
  let bytes: number[] = [];
  let failure: Error | undefined;
  const ready: string[] = [];
  let waiting: { resolve(line: string): void; reject(error: Error): void } | undefined;
  return {
    push(byte) {
      if (byte !== 0x0a) {
        if (bytes.length < MAX_LINE) bytes.push(byte);
        return true;
      }
      const line = Buffer.from(bytes).toString("utf8").replace(/\r$/, "");
      bytes = [];
      if (waiting === undefined) ready.push(line);
      else {
        waiting.resolve(line);
        waiting = undefined;
      }
      // The one line after which the rest is for somebody else.
      return line !== "vm1 ready";
    },
    fail(error) {
      failure ??= error;
      waiting?.reject(failure);
      waiting = undefined;
    },
    next() {
      const line = ready.shift();
      if (line !== undefined) return Promise.resolve(line);
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
  };
}
