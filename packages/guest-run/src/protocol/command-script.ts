import { codedError, quoteBytes } from "@vm/command-plan";
import { guestAsset } from "../guest-asset.js";
import { SYSTEM_PATH } from "./environment.js";
import type { CommandRequest } from "./request.js";
import { assignment } from "./assignment.js";

/** What differs between the guests that a command runs in: shell text of the bodies of functions. */
export interface GuestHooks {
  /** Sets `vm_bus`, and makes the guest ready. */
  readonly setup: string;
  /** Sets `vm_found` to the pids that the command may have left behind, this shell and its helpers among them. */
  readonly candidates: string;
  /** After the last word to the host. */
  readonly finish: string;
  /** Empties the file in the guest that this script is in, if it is in one: the end mark is nobody else's to read. */
  readonly forget: string;
  /** PATH for a command whose environment has none; empty: what the guest's init has. */
  readonly path: string;
  /** `always`: data may be on its way to the host's disks when the command ends. */
  readonly sync: "always" | "never";
}

/** An argument of Linux has at most 131,072 bytes with its NUL (MAX_ARG_STRLEN): a longer command goes by a file. */
const MAX_ARGUMENT = 131_071;

/** The part of the command that goes by a file in the guest: all of it or nothing. */
export function commandFile({ command }: CommandRequest): Uint8Array {
  return command.length > MAX_ARGUMENT ? command : new Uint8Array();
}

/** The shell script that runs the command in the guest. @throws `COMMAND_INVALID`, `ENVIRONMENT_INVALID` */
export function commandScript(request: CommandRequest, hooks: GuestHooks): Buffer {
  const { command, streams, user } = request;
  if (command.includes(0)) {
    throw codedError("COMMAND_INVALID", "The command holds a NUL byte, which no argument can.");
  }
  const terminal = streams.kind === "terminal" ? streams : null;
  const values: readonly (readonly [string, string | Uint8Array])[] = [
    ["vm_text", command.length > MAX_ARGUMENT ? "" : command],
    ["vm_cwd", request.cwd],
    ["vm_user", user === undefined ? "" : setprivOptions(user)],
    ["vm_tty", terminal === null ? "" : "/dev/hvc0"],
    ["vm_setsid", terminal === null ? "" : "--ctty"],
    ["vm_rows", String(terminal?.rows ?? 0)],
    ["vm_columns", String(terminal?.columns ?? 0)],
    ["vm_stdin", streams.kind === "pipes" ? streams.stdin : "none"],
    ["vm_sync", hooks.sync === "always" ? "yes" : ""],
    ["vm_exec", request.execSocket === undefined ? "" : "yes"],
    ["vm_mark", request.mark],
  ];
  return Buffer.concat([
    ...values.map(([name, value]) => assignment(name, value)),
    shellFunction("vm_environment", commandEnvironment(request, hooks.path)),
    shellFunction("vm_setup", hooks.setup),
    shellFunction("vm_candidates", hooks.candidates),
    shellFunction("vm_forget", hooks.forget),
    shellFunction("vm_finish", hooks.finish),
    guestAsset("vm-exec-command"),
    Buffer.from('vm_main "$@"\n'),
  ]);
}

function shellFunction(name: string, body: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${name}() {\n:\n`), Buffer.from(body), Buffer.from("\n}\n")]);
}

/** What a login in the guest would set, where the host does not say it, and then what the host says. */
function commandEnvironment({ environment, user }: CommandRequest, path: string): Buffer {
  const uid = user?.uid ?? 0;
  const login =
    environment["HOME"] === undefined
      ? `export HOME=/
while IFS=: read -r vm_name vm_x vm_id vm_x vm_x vm_home vm_login; do
    [ "$vm_id" = ${uid} ] || continue
    export HOME="\${vm_home:-/}" USER="$vm_name" LOGNAME="$vm_name" SHELL="\${vm_login:-/bin/sh}"
    break
done 2>/dev/null </etc/passwd
`
      : "";
  return Buffer.concat([
    Buffer.from(login),
    Buffer.from(
      environment["PATH"] === undefined
        ? `export PATH="${path === "" ? `\${PATH:-${SYSTEM_PATH}}` : path}"\n`
        : "",
    ),
    Buffer.from(`[ ! -d /run/user/${uid} ] || export XDG_RUNTIME_DIR=/run/user/${uid}\n`),
    exports(environment),
  ]);
}

function exports(environment: CommandRequest["environment"]): Buffer {
  const lines = Object.entries(environment).flatMap(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name) || value.includes("\0")) {
      throw codedError(
        "ENVIRONMENT_INVALID",
        `The environment variable ${JSON.stringify(name)} cannot be passed on.`,
        {
          hint: "A name has letters, digits and underscores; a value has no NUL.",
        },
      );
    }
    return [Buffer.from(`export ${name}=`), quoteBytes(Buffer.from(value)), Buffer.from("\n")];
  });
  return Buffer.concat(lines);
}

function setprivOptions({
  uid,
  gid,
  groups,
}: {
  uid: number;
  gid: number;
  groups: readonly number[];
}): string {
  const more = groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`;
  return `--reuid=${uid} --regid=${gid} ${more}`;
}
