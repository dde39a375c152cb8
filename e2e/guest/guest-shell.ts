import { HOST_NAME, ROOT_PASSWORD } from "../fixtures/debian-root.mjs";
import type { Terminal } from "./terminal.js";

/** Root's shell in a guest, on its serial console. */
export interface GuestShell {
  /** Runs a command of at most 4,000 bytes a line; its output and errors come together, lines end in `\n`. */
  run(
    command: string,
    options?: { readonly timeoutMs?: number },
  ): Promise<{ readonly status: number; readonly output: string }>;
  /** Like `run`, for a command that must succeed: its output without the last newline. */
  read(command: string): Promise<string>;
  /** Powers the guest off and waits for the end of the program in the terminal: its exit status. */
  powerOff(): Promise<number>;
}

/**
 * Waits for the login prompt of the fixture's guest, logs in and puts the console into a state where nothing but a command's
 * output comes back: no echo, no prompt, no messages of the kernel (`dmesg -n 7` brings them back).
 */
export async function login(
  terminal: Terminal,
  {
    timeoutMs,
    by = "password",
  }: {
    readonly timeoutMs?: number;
    /** `autologin`: the guest asks nobody. */
    readonly by?: "password" | "autologin";
  } = {},
): Promise<GuestShell> {
  if (by === "autologin") {
    await terminal.waitFor(`${HOST_NAME} login: root (automatic login)`, { timeoutMs });
  } else {
    await terminal.waitFor(`${HOST_NAME} login: `, { timeoutMs });
    terminal.write("root\r");
    await terminal.waitFor("Password: ");
    terminal.write(`${ROOT_PASSWORD}\r`);
  }
  await terminal.waitFor(/# $/);
  terminal.write("dmesg -n 1; stty -echo; export PS1= PS2=; exec sh\r");
  let count = 0;

  async function run(
    command: string,
    options: { readonly timeoutMs?: number } = {},
  ): Promise<{ readonly status: number; readonly output: string }> {
    count += 1;
    const [begin, end] = [`<${count}<`, `>${count}>`];
    terminal.write(`echo '${begin}'; { ${command}\n}; echo '${end}'"$?"\n`);
    // The terminal may add a carriage return to the guest's own. The echo of the first command, still on at that time, shows the quotes, which these patterns do not match.
    await terminal.waitFor(new RegExp(`${begin}\r*\n`), options);
    const match = await terminal.waitFor(new RegExp(`([^]*?)${end}(\\d+)\r*\n`), options);
    return { status: Number(match[2]), output: (match[1] ?? "").replaceAll(/\r+\n/g, "\n") };
  }

  async function read(command: string): Promise<string> {
    const { status, output } = await run(command);
    if (status !== 0) throw new Error(`in the guest, ${command} failed (${status}): ${output}`);
    return output.replace(/\n$/, "");
  }

  async function powerOff(): Promise<number> {
    terminal.write("systemctl poweroff\n");
    return terminal.ended;
  }

  await read("true");
  return { run, read, powerOff };
}
