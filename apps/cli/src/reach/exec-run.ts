import { isatty } from "node:tty";
import { execInGuest, type ExecRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { withCommandExit } from "../run/command-exit.js";

/** `vm exec` and `vm shell`: the command's own exit code, or what docs/exit-codes.md has for what is not its own. */
export async function execHere(request: ExecRequest, context: CommandContext): Promise<void> {
  await withCommandExit({}, context, async () => {
    const streams = isatty(0) && isatty(1) ? "terminal" : "others";
    context.setExitCode(await execInGuest(request, streams, ownHost(context)));
  });
}
