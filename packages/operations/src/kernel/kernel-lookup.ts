import type { Lookup } from "@vm/kernel-build";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { remark } from "../notice.js";

/** Where `-k` looks, and where it unpacks; for a script nothing is unpacked. */
export function kernelLookup(host: Host, mode: Mode): Lookup {
  const { cwd, cacheDir, env, mayMake, notice, signal } = host;
  const { builds } = host.userConfig();
  const { KBUILD_OUTPUT: kbuildOutput } = env;
  return {
    cwd,
    ...(builds === undefined ? {} : { builds: [builds] }),
    cacheDir,
    ...(kbuildOutput === undefined ? {} : { kbuildOutput }),
    prepare: mode === "script" ? "never" : "now",
    mayMake,
    signal,
    onWait: (message) => notice(remark(message)),
    onNotice: (message) => notice(remark(message)),
  };
}
