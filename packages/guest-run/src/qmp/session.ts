import type { Duplex } from "node:stream";
import { codedError, lineSplitter } from "@vm/command-plan";

/** An event of QEMU: `SHUTDOWN`, `GUEST_PANICKED`. */
export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A connection to QEMU's machine protocol. */
export interface Qmp {
  /** The `return` of a command. @throws `QMP_REFUSED` with QEMU's own words, `QMP_CLOSED` when QEMU is gone */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

interface Waiting {
  readonly command: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Speaks QMP on a stream that is connected to QEMU: commands are answered in their order, and what comes between goes to
 * `onEvent`. Source: docs/interop/qmp-spec.txt of QEMU.
 */
export function qmpSession(stream: Duplex, onEvent: (event: QmpEvent) => void = () => {}): Qmp {
  const waiting: Waiting[] = [];
  let closed = false;
  const lines = lineSplitter((line) => void (line.trim() === "" || take(line)), { maxLength: Infinity });
  stream.on("data", (chunk: Buffer) => lines.push(chunk));
  stream.on("close", () => {
    closed = true;
    for (const asked of waiting.splice(0)) asked.reject(gone(asked.command));
  });
  function take(line: string): void {
    const message: Readonly<Record<string, unknown>> = JSON.parse(line);
    if (typeof message["event"] === "string") {
      onEvent({ event: message["event"], data: isRecord(message["data"]) ? message["data"] : {} });
      return;
    }
    if ("QMP" in message) return;
    const asked = waiting.shift();
    if (asked === undefined) return;
    if ("return" in message) asked.resolve(message["return"]);
    else asked.reject(refused(asked.command, message["error"]));
  }
  function send(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (closed) {
        reject(gone(command));
        return;
      }
      waiting.push({ command, resolve, reject });
      stream.write(
        `${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) })}\n`,
      );
    });
  }
  const ready = send("qmp_capabilities");
  // The failure is reported by the first command that is sent; without one it must not count as an unhandled rejection.
  ready.catch(() => {});
  return {
    async execute(command, args) {
      await ready;
      return await send(command, args);
    },
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function refused(command: string, error: unknown): Error {
  const words = isRecord(error) && typeof error["desc"] === "string" ? error["desc"] : JSON.stringify(error);
  const code = isRecord(error) && error["class"] === "CommandNotFound" ? "QMP_UNKNOWN" : "QMP_REFUSED";
  return codedError(code, `QEMU refused ${command}: ${words}`);
}

function gone(command: string): Error {
  return codedError("QMP_CLOSED", `QEMU ended before it answered ${command}`);
}
