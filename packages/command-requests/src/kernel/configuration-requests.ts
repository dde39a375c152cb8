import { allFeatures, type Feature } from "@vm/kernel-build";
import type { CheckConfigRequest, MergeConfigRequest } from "@vm/operations";
import type { DryRun } from "../caller.js";
import { parseRevisionBuild } from "../option-values.js";
import { checkGitOptions } from "../run/option-check.js";
import type { GitKernelOptions } from "../run/run-options.js";
import { usageError } from "../usage-error.js";

/** The options of `vm kconfig merge`. */
export interface MergeConfigOptions extends DryRun {
  readonly tree: string;
  readonly buildDir?: string;
  readonly output?: string;
  readonly base?: string;
  readonly arch?: string;
  readonly json?: true;
}

/** `vm kconfig merge FRAGMENTS...` */
export function mergeConfigRequest(
  fragments: readonly string[],
  { tree, buildDir, output, base, arch }: MergeConfigOptions,
): MergeConfigRequest {
  return {
    operation: "merge-config",
    fragments,
    tree,
    ...(buildDir === undefined ? {} : { buildDirectory: buildDir }),
    ...(output === undefined ? {} : { output }),
    ...(base === undefined ? {} : { base }),
    ...(arch === undefined ? {} : { arch }),
  };
}

/** The options of `vm kconfig check`. */
export interface CheckConfigOptions extends DryRun, Omit<GitKernelOptions, "jobs"> {
  readonly for?: string;
  readonly exact?: true;
  readonly tree?: string;
  readonly json?: true;
}

/** `vm kconfig check KERNEL [FRAGMENTS...]` @throws USAGE */
export function checkConfigRequest(
  kernel: string,
  fragments: readonly string[],
  options: CheckConfigOptions,
): CheckConfigRequest {
  checkGitOptions([kernel], options);
  checkFragmentOptions(fragments, options);
  const build = parseRevisionBuild(options);
  return {
    operation: "check-config",
    kernel,
    fragments,
    ...(build === undefined ? {} : { build }),
    ...(options.for === undefined ? {} : { features: featuresOf(options.for) }),
    ...(options.exact === true ? { otherForm: "lost" } : {}),
    ...(options.tree === undefined ? {} : { source: options.tree }),
  };
}

/** What is about fragments means nothing without one. */
function checkFragmentOptions(fragments: readonly string[], options: CheckConfigOptions): void {
  if (fragments.length > 0) return;
  const flags = { "--exact": options.exact, "-C": options.tree };
  const orphan = Object.entries(flags).find(([, value]) => value !== undefined)?.[0];
  if (orphan !== undefined) {
    throw usageError(`${orphan} needs a fragment, and none is named`, "Name one after the kernel: qemu.");
  }
  if (options.for === "none") {
    throw usageError(
      "--for none asks for fragments alone, and none is named",
      "Name one after the kernel: qemu.",
    );
  }
}

function featuresOf(text: string): Feature[] {
  if (text === "none") return [];
  return text.split(",").map((word) => {
    const feature = allFeatures.find((name) => name === word);
    if (feature !== undefined) return feature;
    throw usageError(`--for: there is no feature ${word}; there are ${allFeatures.join(", ")}`);
  });
}
