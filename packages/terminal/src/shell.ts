import type { Duplex } from "node:stream";

/** Connects the terminal to a shell in the guest, until either ends. The terminal is as before when this settles. */
export async function connectTerminal(shell: Duplex): Promise<void> {
  const { stdin, stdout } = process;
  stdin.setRawMode(true);
  const onInput = (data: Buffer | string): void => void shell.write(data);
  stdin.on("data", onInput).resume();
  try {
    await new Promise<void>((resolve) => {
      shell.on("data", (data: Buffer) => stdout.write(data));
      shell
        .once("end", resolve)
        .once("close", resolve)
        .once("error", () => resolve());
    });
  } finally {
    stdin.removeListener("data", onInput).pause();
    stdin.setRawMode(false);
  }
}
