import { fileURLToPath } from "node:url";
import { quoteShell } from "@vm/command-plan";
import { processHost, type Host, type Notice } from "@vm/operations";
import type { CommandContext } from "./command-module.js";
import { writeError, writeNotice } from "./output.js";
import { ownBin } from "./own-bin.js";
import { repeatedCommand } from "./run/repeated-words.js";

/** The build copies configs/ beside the bundle. */
const fragments = fileURLToPath(new URL("../configs", import.meta.url));

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

/** Prints it on standard error. */
function printNotice(notice: Notice): void {
  switch (notice.kind) {
    case "warning": {
      const { message, hint } = notice;
      writeNotice(`warning: ${message}${hint === undefined ? "" : `. ${hint}`}`);
      break;
    }
    case "remark":
      writeNotice(notice.message);
      break;
    case "command":
      // To be pasted as it stands.
      writeError(`  ${notice.argv.map(quoteShell).join(" ")}\n`);
      break;
    default:
      notice satisfies never;
  }
}
