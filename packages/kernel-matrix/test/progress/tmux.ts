import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Screen {
  readonly lines: readonly string[];
  readonly cursor: "hidden" | "shown";
}

/** What a real terminal (tmux) of 60 by 12 shows after it got the text. */
export function screenAfter(text: string): Screen {
  const directory = mkdtempSync(join(tmpdir(), "tmux-"));
  const tmux = (...args: readonly string[]): string =>
    execFileSync("tmux", ["-S", join(directory, "socket"), "-f", "/dev/null", ...args], {
      encoding: "utf8",
      env: { ...process.env, TERM: "xterm", LC_ALL: "C.UTF-8" },
    });
  try {
    const file = join(directory, "text");
    writeFileSync(file, text);
    // The window ends by itself, should we be gone.
    const command = `cat '${file}'; tmux -S '${directory}/socket' wait-for -S shown; exec sleep 60`;
    tmux("-u", "new-session", "-d", "-x", "60", "-y", "12", command);
    tmux("wait-for", "shown");
    const cursor = tmux("display-message", "-p", "#{cursor_flag}").trim() === "1" ? "shown" : "hidden";
    return { lines: tmux("capture-pane", "-p", "-S", "-").trimEnd().split("\n"), cursor };
  } finally {
    tmux("kill-server");
    rmSync(directory, { recursive: true, force: true });
  }
}
