import { join } from "node:path";
import { noticeText, processHost, type Host, type Notice } from "@vm/operations";
import type { CommandContext } from "./command-module.js";
import { writeError, writeNotice } from "./output.js";
import { ownBin } from "./own-bin.js";
import { repeatedCommand } from "./run/repeated-words.js";

/** The build copies configs/ beside the bundle. */
const fragments = join(import.meta.dirname, "../configs");

/** The machine that this process runs on, for operations. */
export function ownHost(context: CommandContext): Host {
  const { env, cwd } = context;
  return processHost({
    env,
    cwd,
    fragments,
    program: ownBin(),
    command: ["vm", ...process.argv.slice(2)],
    repeat: () => repeatedCommand(context),
    notice: printNotice,
  });
}

/** A command is to be pasted as it stands. */
function printNotice(notice: Notice): void {
  if (notice.kind === "command") writeError(`${noticeText(notice)}\n`);
  else writeNotice(noticeText(notice));
}
