import { createReadStream, fstatSync } from "node:fs";
import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import { codedError } from "@vm/command-plan";
import type { CommandControl, CommandStreams } from "@vm/guest-run";
import { ownStream } from "./own-stream.js";
import { keepTerminal } from "./terminal-keeper.js";

export interface OpenStreams {
  readonly streams: CommandStreams;
  /** Connects signals and the terminal's size to the command, once it is there. */
  readonly control: (control: CommandControl) => void;
  /** Gives the terminal and the signals back. May be called twice. */
  close(): void;
}

const stopSignals = { SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 } as const;

/** How a command is connected. */
export interface WantedStreams {
  /** What runs; absent: a shell, on the terminal. */
  readonly text?: string;
  /** Default: `pipe`; for a shell `terminal`. */
  readonly input?: "none" | "pipe" | "terminal";
}

/**
 * Our own streams for a command: three pipes (`none` leaves the first alone), or the terminal.
 * @throws USAGE where there is no terminal
 */
export function openStreams({
  text,
  input = text === undefined ? "terminal" : "pipe",
}: WantedStreams): OpenStreams {
  const onTerminal = input === "terminal";
  if (onTerminal && !(isatty(0) && isatty(1))) {
    throw codedError(
      "USAGE",
      text === undefined ? "a shell in the guest needs a terminal" : "-t needs a terminal",
      { hint: "Without one, give a command with --exec." },
    );
  }
  // A look at it makes the descriptor non-blocking, for whoever shares it too.
  const stdin = onTerminal ? process.stdin : undefined;
  const piped = input === "pipe" ? pipedInput() : undefined;
  const undo: (() => void)[] = [];
  const on = (signal: NodeJS.Signals, action: () => void): void => {
    process.on(signal, action);
    undo.push(() => process.removeListener(signal, action));
  };
  if (onTerminal && stdin !== undefined) {
    const letGo = keepTerminal({ changes: "modes" });
    stdin.setRawMode(true);
    undo.push(() => {
      stdin.setRawMode(false);
      letGo();
    });
  }
  const control = (guest: CommandControl): void => {
    let interrupts = 0;
    on("SIGINT", () => {
      interrupts += 1;
      // The first is the command's; when it has not begun, or at the second, it ends the guest.
      if (interrupts > 1 || !guest.signal("INT")) guest.stop(2);
    });
    for (const [signal, number] of Object.entries(stopSignals)) {
      if (isStopSignal(signal)) on(signal, () => guest.stop(number));
    }
    const { stdout } = process;
    if (onTerminal) on("SIGWINCH", () => guest.resize(stdout.rows, stdout.columns));
  };
  return {
    streams:
      onTerminal && stdin !== undefined
        ? terminal(text === undefined ? "dropped" : "kept")
        : { kind: "pipes", stdin: piped ?? "none", stdout: ownStream(1), stderr: ownStream(2) },
    control,
    close: () => {
      for (const action of undo.splice(0)) action();
      for (const source of [stdin, piped]) {
        source?.pause();
        source?.unref?.();
      }
    },
  };
}

/**
 * Our standard input for a command. Of what libuv has no stream for, Node makes an empty one (process.stdin, "dummy contentless
 * input"): a disk would look like no input at all.
 * @throws INPUT_LOST for a directory, and whatever else cannot be read
 */
function pipedInput(): Readable & { unref?(): unknown } {
  const status = fstatSync(0);
  if (status.isBlockDevice()) return createReadStream("", { fd: 0, autoClose: false });
  const { stdin } = process;
  if (!status.isDirectory() && stdin.constructor.name !== "Readable") return stdin;
  const kind = status.isDirectory() ? "a directory" : "of a kind that cannot be read";
  throw codedError("INPUT_LOST", `standard input is ${kind}`, { hint: "Without input: --no-stdin." });
}

/** @param typeahead what was typed before the prompt of a shell was meant for nobody */
function terminal(typeahead: "dropped" | "kept"): CommandStreams {
  const { stdin, stdout } = process;
  const { rows, columns } = stdout;
  return { kind: "terminal", input: stdin, typeahead, output: stdout, rows, columns };
}

function isStopSignal(name: string): name is keyof typeof stopSignals {
  return Object.hasOwn(stopSignals, name);
}
