import { spawn, spawnSync } from "node:child_process";
import { Socket } from "node:net";

/** What a run does to a terminal, which it has to undo. */
export interface KeptTerminal {
  /** `modes`: standard input is made raw. `cursor`: it is hidden on standard error. */
  readonly changes: "modes" | "cursor";
}

/**
 * Sees to it that the terminal is usable again though this process be killed (SIGKILL, out of memory), when nobody is left to give it back: a small
 * shell waits for our end. What is returned lets it go, when the terminal was given back. Call it before the change.
 */
export function keepTerminal({ changes }: KeptTerminal): () => void {
  const modes = changes === "modes" ? readModes() : "";
  if (modes === undefined) return () => undefined;
  const terminal = changes === "modes" ? 0 : 2;
  const keeper = spawn("/bin/sh", ["-c", scripts[changes], "sh", modes], {
    stdio: [terminal, changes === "cursor" ? terminal : "ignore", "ignore", "pipe"],
    // Not of the terminal's session: neither its signals nor its job control are for it.
    detached: true,
    cwd: "/",
  });
  keeper.on("error", () => undefined);
  keeper.unref();
  const line: unknown = keeper.stdio[3];
  if (!(line instanceof Socket)) return () => undefined;
  line.on("error", () => undefined);
  line.unref();
  return () => void line.end("\n");
}

/**
 * A line says that all is well; the end of the file, that we are gone. Only a terminal that is as we left it, with no signals from its keys, is
 * changed: a shell may have it in its own way by then.
 */
const scripts = {
  modes: 'read -r word <&3 && exit; case $(stty -a) in *-isig*) stty "$1" ;; esac',
  cursor: String.raw`read -r word <&3 || printf '\033[?25h'`,
} as const;

function readModes(): string | undefined {
  const { status, stdout } = spawnSync("stty", ["-g"], {
    stdio: ["inherit", "pipe", "ignore"],
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}
