import { isatty } from "node:tty";
import type { Socket } from "node:net";
import { keepTerminal } from "./terminal-keeper.js";
import { ownStream } from "./own-stream.js";

/** How being attached to a console ended. */
export type ConsoleEnd = "detached" | "guest-ended";

/**
 * Connects our streams to the console of a guest, until the guest ends, its reader goes away, or the person presses the detach key. A
 * terminal is raw meanwhile, and as before when this settles. Where standard input is no terminal, its end leaves us attached.
 *
 * @param settings `detachKey`: the byte that the key sends; `onAttached`: called when it is heard
 */
export async function attachConsole(
  console: Socket,
  { detachKey, onAttached }: { readonly detachKey: number; readonly onAttached?: () => void },
): Promise<ConsoleEnd> {
  const isTerminal = isatty(0);
  const letGo = isTerminal ? keepTerminal({ changes: "modes" }) : undefined;
  const { stdin } = process;
  const output = ownStream(1);
  if (isTerminal) stdin.setRawMode(true);
  const undo: (() => void)[] = [];
  try {
    return await new Promise<ConsoleEnd>((resolve, reject) => {
      const onInput = (data: Buffer): void => {
        const at = isTerminal ? data.indexOf(detachKey) : -1;
        const isTaken = console.write(at === -1 ? data : data.subarray(0, at));
        if (at !== -1) {
          // What was typed before it is the guest's.
          console.end(() => resolve("detached"));
        } else if (!isTaken) {
          stdin.pause();
          console.once("drain", () => stdin.resume());
        }
      };
      const onOutput = (data: Buffer): void => {
        if (output.write(data)) return;
        console.pause();
        output.once("drain", () => console.resume());
      };
      const onError = (error: Error): void => reject(error);
      const onSignal = (): void => resolve("detached");
      stdin.on("data", onInput);
      console.on("data", onOutput).once("close", () => resolve("guest-ended"));
      output.on("error", onError);
      for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
        process.on(signal, onSignal);
        undo.push(() => process.off(signal, onSignal));
      }
      onAttached?.();
      undo.push(() => {
        stdin.off("data", onInput).pause();
        output.off("error", onError);
        console.off("data", onOutput);
      });
    });
  } finally {
    for (const action of undo) action();
    console.destroy();
    if (isTerminal) stdin.setRawMode(false);
    letGo?.();
    stdin.unref?.();
  }
}

/** The byte of a control key that is written as `^]`; undefined for what is none. */
export function parseDetachKey(text: string): number | undefined {
  const [, letter] = /^\^([A-Za-z\\\]_^])$/.exec(text) ?? [];
  if (letter === undefined) return undefined;
  // Source: ASCII, whose control characters are 64 below capital letters.
  return (letter.toUpperCase().codePointAt(0) ?? 0) - 64;
}
