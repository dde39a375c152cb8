import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where what can be made again is kept: `VM_CACHE_HOME`, else `$XDG_CACHE_HOME/vm`, else `~/.cache/vm`. Absolute. */
export function cacheDirectory({
  env,
  cwd,
}: {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}): string {
  const own = env["VM_CACHE_HOME"];
  if (own) return isAbsolute(own) ? own : join(cwd, own);
  const xdg = env["XDG_CACHE_HOME"];
  return join(xdg && isAbsolute(xdg) ? xdg : join(env["HOME"] || homedir(), ".cache"), "vm");
}
