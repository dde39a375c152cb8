import { spawn } from "node:child_process";
import { once } from "node:events";

/** A pseudo-terminal with a program in it, read like expect(1) does. */
export interface Terminal {
  /** Types text; `\r` is the Enter key. */
  write(text: string): void;
  /**
   * Waits for text after what the last call found. The default time limit suits a guest without KVM on a busy machine.
   * @throws when the program ends or the time is over; the message shows the end of the output
   */
  waitFor(
    pattern: string | RegExp,
    options?: { readonly timeoutMs?: number | undefined },
  ): Promise<RegExpExecArray>;
  /** Everything so far, as the terminal would show it: lines end in `\r\n`. */
  output(): string;
  /** The exit status of the program, 128 and more for a death by signal. */
  readonly ended: Promise<number>;
  /** Hangs up, as when a terminal window is closed, and waits for the end. */
  close(): Promise<number>;
}

export interface TerminalOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const DEFAULT_TIMEOUT_MS = 300_000;
const PATIENCE_MS = 15_000;

/**
 * Runs a script for `sh` in a pseudo-terminal of 24 by 80 characters, made by script(1) of util-linux. To end up with one
 * process only, the script ends in `exec`. Arguments are quoted with `shellWords`.
 */
export function openTerminal(shellScript: string, { cwd, env }: TerminalOptions = {}): Terminal {
  const command = `stty sane rows 24 cols 80; ${shellScript}`;
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", command, "/dev/null"], {
    cwd,
    env: { ...process.env, TERM: "xterm", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let text = "";
  let position = 0;
  let over = false;
  let notify: () => void = ignore;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      notify();
    });
  }
  // Typing to a program that has ended is reported by `waitFor` and `ended`.
  child.stdin.on("error", ignore);
  const ended = once(child, "close").then(([code]) => {
    over = true;
    notify();
    return typeof code === "number" ? code : 255;
  });

  async function waitFor(
    pattern: string | RegExp,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: { readonly timeoutMs?: number | undefined } = {},
  ): Promise<RegExpExecArray> {
    const expression = typeof pattern === "string" ? new RegExp(escapeRegExp(pattern)) : pattern;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      notify();
    }, timeoutMs);
    try {
      for (;;) {
        const match = expression.exec(text.slice(position));
        if (match !== null) {
          position += match.index + match[0].length;
          return match;
        }
        if (over || late) {
          const reason = over ? "the program ended" : `${timeoutMs} ms passed`;
          throw new Error(`${reason} without ${expression}; the terminal shows:\n${text.slice(-4000)}`);
        }
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async function close(): Promise<number> {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    const status = await ended;
    clearTimeout(kill);
    return status;
  }

  return { write: (typed) => void child.stdin.write(typed), waitFor, output: () => text, ended, close };
}

/** Words for `sh` that are taken as they are. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}

function ignore(): void {}
