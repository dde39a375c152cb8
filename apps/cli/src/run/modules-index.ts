import type { Step } from "@vm/command-plan";
import { checkModulesIndex, ensureModulesIndex, type KernelBuild } from "@vm/kernel-build";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { ownBin } from "../own-bin.js";
import type { DryRun } from "../dry-run.js";

export interface SharedIndex {
  /** The directory for the share `modules-index`; absent where no index can be offered. */
  readonly directory?: string;
  /** What a script has to do before the guest starts; the run itself has done it. */
  readonly steps: readonly Step[];
  /** Why there is no index, or what it lacks. */
  readonly warnings: KernelBuild["warnings"];
}

/** Where the person's environment moves the cache, the script moves it too, whatever shell it is pasted into. */
function cacheAsHere(context: CommandContext): [] | [program: string, variable: string] {
  const { env } = context;
  return env["VM_CACHE_HOME"] || env["XDG_CACHE_HOME"] ? ["env", `VM_CACHE_HOME=${cacheHome(context)}`] : [];
}

/** Makes sure of the build's index; a dry run looks only, and leaves the making to its script. */
export function shareModulesIndex(
  build: KernelBuild,
  { dryRun }: DryRun,
  context: CommandContext,
): SharedIndex {
  const options = { cacheDir: cacheHome(context) };
  const index = dryRun === true ? checkModulesIndex(build, options) : ensureModulesIndex(build, options);
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
            argv: [...cacheAsHere(context), ...ownBin(), "modules", "--quiet", build.tree ?? build.image],
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
