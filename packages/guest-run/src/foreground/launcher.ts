import { findUtilLinux } from "@vm/command-plan";

/** Where the launcher writes the terminal's modes (`stty -g`), before QEMU can change them. */
export const MODES_DESCRIPTOR = 4;

/**
 * The command that becomes QEMU (same pid), and dies with us: `setpriv` asks the kernel for a SIGTERM when our thread
 * ends, and the shell then checks that we did not end before it asked. QEMU takes SIGTERM as a request to quit, and
 * gives the terminal back itself. Where util-linux's setpriv is missing, only the check is left.
 */
export function launcherArgv({
  argv,
  env,
  modes,
  parentPid,
}: {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** `saved`: standard input is a terminal, whose modes go to descriptor `MODES_DESCRIPTOR`. */
  readonly modes: "saved" | "none";
  readonly parentPid: number;
}): readonly [string, ...string[]] {
  const check = '[ "$PPID" = "$0" ] || exit 125';
  const script =
    modes === "saved"
      ? `${check}; stty -g >&${MODES_DESCRIPTOR} 2>/dev/null; exec "$@" ${MODES_DESCRIPTOR}>&-`
      : `${check}; exec "$@"`;
  const shell: readonly [string, ...string[]] = ["/bin/sh", "-c", script, String(parentPid), ...argv];
  const setpriv = findUtilLinux("setpriv", env);
  return setpriv === undefined ? shell : [setpriv, "--pdeathsig", "TERM", "--", ...shell];
}
