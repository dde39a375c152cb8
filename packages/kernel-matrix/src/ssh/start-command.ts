import { quoteShell } from "@vm/command-plan";

/** What a host's shell ends with that finds no vm. */
export const NO_VM = 69;

/**
 * What starts the other side. The login shell there may be any: it gets words that mean the same in all of them, and a script for sh on its
 * standard input, whose other words come behind it.
 *
 * @param program what starts this vm here; where all of it is at the same place there it is started, else `vm` of PATH
 */
export function startCommand(program: readonly string[]): {
  readonly command: string;
  readonly script: Buffer;
} {
  const script = Buffer.from(`set -- ${program.map(quoteShell).join(" ")}
for word in "$@"; do
  case $word in /*) [ -e "$word" ] || { set -- vm; break; } ;; esac
done
PATH=$PATH:/usr/local/bin:$HOME/.local/bin:$HOME/bin
command -v "$1" >/dev/null || exit ${NO_VM}
exec "$@" serve-cells
`);
  // dd reads no byte too many.
  return { command: `exec sh -c 'eval "$(dd bs=1 count=${script.length} 2>/dev/null)"'`, script };
}
