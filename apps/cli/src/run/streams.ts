import { isatty } from "node:tty";
import type { CommandControl, CommandStreams } from "@vm/guest-run";
import { usageError } from "../usage-error.js";
import { ownStream } from "./own-stream.js";
import type { CommandOptions } from "./run-options.js";
import { keepTerminal } from "./terminal-keeper.js";

export interface OpenStreams {
  readonly streams: CommandStreams;
  /** Connects signals and the terminal's size to the command, once it is there. */
  readonly control: (control: CommandControl) => void;
  /** Gives the terminal and the signals back. May be called twice. */
  close(): void;
}

const stopSignals = { SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 } as const;

/** A command with `-t`, and a shell. */
export function wantsTerminal({ exec, tty }: CommandOptions): boolean {
  return tty === true || exec === undefined;
}

/** Our own streams for the command: three pipes (of which `--no-stdin` leaves the first alone), or the terminal. */
export function openStreams(options: CommandOptions): OpenStreams {
  const { exec } = options;
  const onTerminal = wantsTerminal(options);
  const isRead = options.stdin !== false;
  if (onTerminal && !isRead) {
    throw usageError("--no-stdin and -t exclude each other", "Leave out one of --no-stdin and -t.");
  }
  if (onTerminal && !(isatty(0) && isatty(1))) {
    throw usageError(
      exec === undefined ? "a shell in the guest needs a terminal" : "-t needs a terminal",
      "Without one, give a command with --exec.",
    );
  }
  // A look at it makes the descriptor non-blocking, for whoever shares it too.
  const stdin = isRead ? process.stdin : undefined;
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
        ? terminal(exec === undefined ? "dropped" : "kept")
        : { kind: "pipes", stdin: stdin ?? "none", stdout: ownStream(1), stderr: ownStream(2) },
    control,
    close: () => {
      for (const action of undo.splice(0)) action();
      stdin?.pause();
      stdin?.unref?.();
    },
  };
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
