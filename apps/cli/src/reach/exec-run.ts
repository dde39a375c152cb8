import { spawn } from "node:child_process";
import { isatty } from "node:tty";
import { usageError } from "@vm/command-requests";
import { prepareExec, type ExecRequest, type Host } from "@vm/operations";
import { runRelayed } from "@vm/terminal";
import type { CommandContext } from "../command-module.js";
import { writeNotice } from "../output.js";
import { withCommandExit } from "../run/command-exit.js";

/** `vm exec` and `vm shell`: the command's own exit code, or what docs/exit-codes.md has for what is not its own. */
export async function execInGuest(request: ExecRequest, host: Host, context: CommandContext): Promise<void> {
  await withCommandExit({}, context, async () => {
    const onTerminal = request.input === "terminal";
    if (onTerminal && !(isatty(0) && isatty(1))) {
      throw request.command === undefined
        ? usageError(
            "a shell in the guest needs a terminal",
            "Without one, run a command: vm exec NAME PROGRAM.",
          )
        : usageError("-t needs a terminal", "Leave it out.");
    }
    const prepared = await prepareExec(request, host);
    const { argv, env } = prepared;
    const { cwd } = host;
    try {
      const status = await runRelayed({
        argv,
        cwd,
        env,
        terminal: onTerminal ? "foreground" : "apart",
        onSignal(signal) {
          const [program, ...args] = prepared.signal(signal.slice("SIG".length));
          spawn(program, args, { env: host.env, stdio: "ignore", detached: true }).once("error", () => {});
        },
      });
      const [word = ""] = request.command ?? [];
      if (status === 127 && /\s/.test(word)) {
        writeNotice(
          "the command is one program and its arguments; for a shell's text: vm exec NAME sh -c 'TEXT'",
        );
      }
      context.setExitCode(await prepared.end(status));
    } finally {
      prepared.close();
    }
  });
}
