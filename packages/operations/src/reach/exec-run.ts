import { spawn } from "node:child_process";
import { codedError } from "@vm/command-plan";
import { runRelayed } from "@vm/terminal";
import type { Host } from "../host.js";
import { remark } from "../notice.js";
import type { ExecRequest } from "../request/request.js";
import { prepareExec } from "./exec.js";

/**
 * Runs a command, or a shell, in a guest that runs, on the streams of this process. Gives the command's own exit code.
 *
 * @param streams `terminal`: standard input and output are one
 * @throws USAGE where a terminal is needed and there is none, what `prepareExec` and its `end` throw
 */
export async function execInGuest(
  request: ExecRequest,
  streams: "others" | "terminal",
  host: Host,
): Promise<number> {
  const onTerminal = request.input === "terminal";
  if (onTerminal && streams !== "terminal") {
    throw request.command === undefined
      ? codedError("USAGE", "a shell in the guest needs a terminal", {
          hint: "Without one, run a command: vm exec NAME PROGRAM.",
        })
      : codedError("USAGE", "-t needs a terminal", { hint: "Leave it out." });
  }
  const prepared = await prepareExec(request, host);
  const { argv, env } = prepared;
  try {
    const status = await runRelayed({
      argv,
      cwd: host.cwd,
      env,
      terminal: onTerminal ? "foreground" : "apart",
      onSignal(signal) {
        const [program, ...args] = prepared.signal(signal.slice("SIG".length));
        spawn(program, args, { env: host.env, stdio: "ignore", detached: true }).once("error", () => {});
      },
    });
    const [word = ""] = request.command ?? [];
    if (status === 127 && /\s/.test(word)) {
      host.notice(
        remark("the command is one program and its arguments; for a shell's text: vm exec NAME sh -c 'TEXT'"),
      );
    }
    return await prepared.end(status);
  } finally {
    prepared.close();
  }
}
