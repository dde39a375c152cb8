import { noticeText, processHost, type Host, type Notice } from "@vm/operations";
import type { CommandContext } from "./command-module.js";
import { manner, writeError, writeNotice } from "./output.js";
import { ownFiles } from "./own-files.js";
import { ownProgram } from "./own-bin.js";
import { repeatedCommand } from "./run/repeated-words.js";

/** The machine that this process runs on, for operations. */
export function ownHost(context: CommandContext): Host {
  const { env, cwd } = context;
  return processHost({
    env,
    cwd,
    fragments: ownFiles("configs"),
    program: ownProgram(env),
    command: ["vm", ...process.argv.slice(2)],
    repeat: () => repeatedCommand(context),
    notice: printNotice,
    isQuiet: manner.isQuiet,
  });
}

/** A command is to be pasted as it stands. */
function printNotice(notice: Notice): void {
  if (manner.isQuiet && notice.kind !== "warning") return;
  if (notice.kind === "command") writeError(`${noticeText(notice)}\n`);
  else writeNotice(noticeText(notice));
}
