import { hostArchitecture } from "@vm/qemu-argv";
import { cacheDirectory } from "./cache-directory.js";
import { userConfigOnce, type Host } from "./host.js";

/** What of a host its caller has to say. */
export type HostSettings = Pick<Host, "cwd" | "env" | "notice"> &
  Partial<Pick<Host, "command" | "fragments" | "isQuiet" | "program" | "repeat" | "signal">>;

/**
 * This machine, for a request that this process carries out itself.
 *
 * @param settings absent: `vm` of PATH in scripts, and no fragments but files
 */
export function processHost({
  env,
  cwd,
  notice,
  program = ["vm"],
  command = program,
  fragments = cwd,
  signal,
  isQuiet,
  repeat = () => [{ kind: "exec", argv: program }],
}: HostSettings): Host {
  return {
    env,
    cwd,
    cacheDir: cacheDirectory({ env, cwd }),
    fragments,
    arch: hostArchitecture(process.arch),
    user: {
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      groups: process.getgroups?.() ?? [],
    },
    program,
    command,
    repeat,
    userConfig: userConfigOnce(env),
    notice,
    isQuiet,
    signal,
  };
}
