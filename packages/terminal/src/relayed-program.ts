import { spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { fstatSync } from "node:fs";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import { outputLost } from "@vm/guest-run";
import { ownStream } from "./own-stream.js";

/** A program that works for one elsewhere, on streams of ours. */
export interface RelayedProgram {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** `foreground`: it has our terminal, and gets its signals itself. `apart`: `onSignal` gets them. */
  readonly terminal: "apart" | "foreground";
  /** Hands a signal on to what the program works for. */
  readonly onSignal: (signal: NodeJS.Signals) => void;
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * Runs it, and waits for its end. Its status, or 128 + N when a signal to us ended it: the first SIGINT is handed on, the second, and any
 * other signal, ends the program as well. What goes to a file or a device is written by us, as a full disk shows only there.
 *
 * @throws `OUTPUT_LOST`
 */
export async function runRelayed({
  argv: [program, ...args],
  cwd,
  env,
  terminal,
  onSignal,
}: RelayedProgram): Promise<number> {
  const isApart = terminal === "apart";
  const relayed = isApart ? ([1, 2] as const).filter(isWrittenByUs) : [];
  const stdio: StdioOptions = [
    "inherit",
    relayed.includes(1) ? "pipe" : "inherit",
    // On a terminal all that the command says comes over standard output; the rest is ssh's farewell.
    isApart ? (relayed.includes(2) ? "pipe" : "inherit") : "ignore",
  ];
  const child = spawn(program, args, { cwd, env, stdio, detached: isApart });
  let stoppedBy: NodeJS.Signals | undefined;
  let interrupts = 0;
  const listeners = stopSignals.map((signal) => {
    const listener = (): void => {
      if (!isApart) {
        if (signal !== "SIGINT" && signal !== "SIGQUIT") child.kill(signal);
        return;
      }
      onSignal(signal);
      if (signal === "SIGINT" && interrupts++ === 0) return;
      stoppedBy = signal;
      child.kill("SIGTERM");
    };
    process.on(signal, listener);
    return () => process.removeListener(signal, listener);
  });
  let failure: Error | undefined;
  const onLost = (error: Error): void => {
    failure ??= error;
    child.kill("SIGTERM");
  };
  const { stdout, stderr } = child;
  const written = relayed.map((fd) => relay(fd === 1 ? stdout : stderr, fd, onLost));
  try {
    await once(child, "close");
    await Promise.all(written);
  } finally {
    for (const remove of listeners) remove();
  }
  if (failure !== undefined) throw failure;
  if (stoppedBy !== undefined) return 128 + constants.signals[stoppedBy];
  return child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode]);
}

/** A pipe or a terminal is the program's own. */
function isWrittenByUs(fd: 1 | 2): boolean {
  const status = fstatSync(fd);
  return status.isFile() || status.isBlockDevice() || (status.isCharacterDevice() && !isatty(fd));
}

async function relay(source: Readable | null, fd: 1 | 2, onLost: (error: Error) => void): Promise<void> {
  if (source === null) return;
  const target = ownStream(fd);
  const what = fd === 1 ? "standard output" : "standard error";
  await new Promise<void>((resolve) => {
    let isLost = false;
    target.on("error", (error) => {
      isLost = true;
      onLost(outputLost(what, error));
      source.destroy();
      resolve();
    });
    source.on("data", (chunk: Buffer) => {
      if (!isLost) target.write(chunk);
    });
    source.once("end", () => resolve()).once("close", () => resolve());
  });
}
