import type { Step } from "@vm/command-plan";
import { checkModulesIndex, ensureModulesIndex, type KernelBuild } from "@vm/kernel-build";
import type { Host } from "../host.js";
import { tellIfLong } from "../long-step.js";
import type { Mode } from "../mode.js";

export interface SharedIndex {
  /** The directory for the share `modules-index`; absent where no index can be offered. */
  readonly directory?: string;
  /** What a script has to do before the guest starts; the run itself has done it. */
  readonly steps: readonly Step[];
  /** Why there is no index, or what it lacks. */
  readonly warnings: KernelBuild["warnings"];
}

/** Where the person's environment moves the cache, the script moves it too, whatever shell it is pasted into. */
function cacheAsHere({ env, cacheDir }: Host): [] | [program: string, variable: string] {
  return env["VM_CACHE_HOME"] || env["XDG_CACHE_HOME"] ? ["env", `VM_CACHE_HOME=${cacheDir}`] : [];
}

/** What a person waits for where the index is made. */
export function indexingOf({ release }: Pick<KernelBuild, "release">): string {
  return `the modules of ${release} are being indexed`;
}

/** Makes sure of the build's index; for a script it only looks, and leaves the making to it. */
export async function shareModulesIndex(build: KernelBuild, mode: Mode, host: Host): Promise<SharedIndex> {
  const options = { cacheDir: host.cacheDir };
  const index =
    mode === "script"
      ? checkModulesIndex(build, options)
      : await tellIfLong(indexingOf(build), () => ensureModulesIndex(build, options), host);
  switch (index.state) {
    case "none":
      return { steps: [], warnings: [index.problem] };
    case "stale":
      return {
        directory: index.directory,
        steps: [
          { kind: "comment", text: "The build changed: its modules are indexed anew." },
          {
            kind: "run",
            argv: [...cacheAsHere(host), ...host.program, "modules", "--quiet", build.tree ?? build.image],
          },
        ],
        warnings: [],
      };
    case "fresh":
    case "made":
      return { directory: index.directory, steps: [], warnings: index.warnings };
    default:
      return index satisfies never;
  }
}
