import { noticeText, processHost, type Host, type Notice } from "@vm/operations";
import { repeatedCommand } from "@vm/command-requests";
import type { CommandContext } from "./command-module.js";
import { manner, writeError, writeNotice } from "./output.js";
import { ownFiles } from "./own-files.js";
import { ownProgram } from "./own-bin.js";

/** The machine that this process runs on, for operations. */
export function ownHost({ env, cwd }: CommandContext): Host {
  const words = process.argv.slice(2);
  const program = ownProgram(env);
  return processHost({
    env,
    cwd,
    fragments: ownFiles("configs"),
    program,
    command: ["vm", ...words],
    repeat: () => repeatedCommand(words, { program, cwd }),
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
