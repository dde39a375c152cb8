import { fileURLToPath } from "node:url";
import { quoteShell } from "@vm/command-plan";
import { userConfigOnce, type Host, type Notice } from "@vm/operations";
import { hostArchitecture } from "@vm/qemu-argv";
import { cacheHome } from "./cache-home.js";
import type { CommandContext } from "./command-module.js";
import { writeError, writeNotice } from "./output.js";
import { ownBin } from "./own-bin.js";
import { repeatedCommand } from "./run/repeated-words.js";

/** The build copies configs/ beside the bundle. */
const fragments = fileURLToPath(new URL("../configs", import.meta.url));

/** The machine that this process runs on, for operations. */
export function ownHost(context: CommandContext): Host {
  const { env, cwd } = context;
  return {
    env,
    cwd,
    cacheDir: cacheHome(context),
    fragments,
    arch: hostArchitecture(process.arch),
    user: {
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      groups: process.getgroups?.() ?? [],
    },
    program: ownBin(),
    command: ["vm", ...process.argv.slice(2)],
    repeat: () => repeatedCommand(context),
    userConfig: userConfigOnce(env),
    notice: printNotice,
  };
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
