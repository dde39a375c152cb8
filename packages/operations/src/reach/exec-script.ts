import { codedError, quoteShell } from "@vm/command-plan";
import { guestEnvironment } from "@vm/guest-run";
import { guestShell } from "../guest/guest-shell.js";
import type { Host } from "../host.js";
import type { ReachedGuest } from "./reached-guest.js";

/** The most that one variable of an environment holds: 131,072 bytes with its name and a NUL (MAX_ARG_STRLEN of Linux). */
const MAX_SCRIPT = 131_000;

/**
 * What the guest's sh does for a command, or for a shell where there are no words. It stands in a variable, for which no shell of the
 * guest has to be asked how it quotes.
 *
 * @throws `COMMAND_INVALID`
 */
export function execScript(
  guest: Pick<ReachedGuest, "kind" | "root">,
  words: readonly string[],
  { env, cwd }: Pick<Host, "cwd" | "env">,
): string {
  const isHost = guest.kind === "embedded" && guest.root === undefined;
  const script = [
    // A bash that ssh has started reads its user's files, whatever it is started for.
    "unset VM_EXEC VM_EXEC_ID SHLVL SSH_CLIENT SSH_CONNECTION",
    isHost ? `cd ${quoteShell(cwd)} 2>/dev/null || cd /` : "",
    isHost ? "" : "PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin",
    "[ ! -d /run/user/0 ] || export XDG_RUNTIME_DIR=/run/user/0",
    ...Object.entries(guestEnvironment(env, isHost ? "host" : "foreign"))
      .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
      .map(([name, value]) => `export ${name}=${quoteShell(value)}`),
    ...(words.length === 0 ? shell(guest) : command(words)),
  ]
    .filter((line) => line !== "")
    .join("\n");
  if (Buffer.byteLength(script) > MAX_SCRIPT) {
    throw codedError("COMMAND_INVALID", "the command is too long: it may have 128 KB", {
      hint: "Put it into a file, and copy that into the guest: vm cp FILE NAME:/tmp/",
    });
  }
  return script;
}

/** What a shell says of a command that a signal has killed is for nobody: 128 + N says it. */
function command(words: readonly string[]): string[] {
  const [program = ""] = words;
  if (program === "" || program.startsWith("-")) {
    throw codedError("COMMAND_INVALID", `'${program}' cannot be the name of a program`, {
      hint: "The command stands behind the guest's name: vm exec NAME ls -l",
    });
  }
  if (words.some((word) => word.includes("\0"))) {
    throw codedError("COMMAND_INVALID", "The command holds a NUL byte, which no argument can.");
  }
  return [
    // The shell outlives what the command's process group is sent.
    "trap : HUP INT QUIT TERM",
    "exec 9>&2 2>/dev/null",
    `(exec 2>&9 9>&-; exec ${words.map(quoteShell).join(" ")})`,
    "exit $?",
  ];
}

function shell({ kind }: Pick<ReachedGuest, "kind">): string[] {
  return kind === "embedded" ? [guestShell] : ['cd; exec "${SHELL:-/bin/sh}" -l'];
}
