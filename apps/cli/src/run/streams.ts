import { isatty } from "node:tty";
import type { CommandControl, CommandStreams } from "@vm/guest-run";
import { usageError } from "../usage-error.js";
import type { CommandOptions } from "./run-options.js";

export interface OpenStreams {
  readonly streams: CommandStreams;
  /** Connects signals and the terminal's size to the command, once it is there. */
  readonly control: (control: CommandControl) => void;
  /** Gives the terminal and the signals back. May be called twice. */
  close(): void;
}

const stopSignals = { SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 } as const;

/** Our own streams for the command: three pipes, or the terminal (`-t`, and a shell). */
export function openStreams({ exec, tty }: CommandOptions): OpenStreams {
  const wantsTerminal = tty === true || exec === undefined;
  if (wantsTerminal && !(isatty(0) && isatty(1))) {
    throw usageError(
      exec === undefined ? "a shell in the guest needs a terminal" : "-t needs a terminal",
      "Without one, give a command with --exec.",
    );
  }
  const { stdin, stdout, stderr } = process;
  const undo: (() => void)[] = [];
  const on = (signal: NodeJS.Signals, action: () => void): void => {
    process.on(signal, action);
    undo.push(() => process.removeListener(signal, action));
  };
  if (wantsTerminal) {
    stdin.setRawMode(true);
    undo.push(() => stdin.setRawMode(false));
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
    if (wantsTerminal) on("SIGWINCH", () => guest.resize(stdout.rows, stdout.columns));
  };
  return {
    streams: wantsTerminal
      ? { kind: "terminal", input: stdin, output: stdout, rows: stdout.rows, columns: stdout.columns }
      : { kind: "pipes", stdin, stdout, stderr },
    control,
    close: () => {
      for (const action of undo.splice(0)) action();
      stdin.pause();
      stdin.unref?.();
    },
  };
}

function isStopSignal(name: string): name is keyof typeof stopSignals {
  return Object.hasOwn(stopSignals, name);
}
