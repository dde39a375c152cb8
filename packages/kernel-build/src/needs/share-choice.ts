import type { KernelBuild } from "../kernel-build.js";
import { compareReleases, isBroken9p } from "../release-order.js";
import { shareOptions, type ShareKind } from "./requirements.js";

/** How a person wants files of the host to be shared. */
export type ShareRequest = ShareKind | "auto";

export interface ShareChoice {
  readonly way: ShareKind;
  /** Why, where it is not simply 9p: the end of `files are shared over virtiofs: ...`. */
  readonly reason?: string;
}

/** What `chooseShare` looks at. */
export interface ShareQuestion {
  readonly build: Pick<KernelBuild, "configFile" | "modules" | "options" | "release">;
  readonly requested: ShareRequest;
  /** What is shared: the modules alone, or the root as well. */
  readonly root: "shared" | "own";
  /** Asked only when 9p works badly: whether this host has a virtiofsd. */
  readonly hasVirtiofsd: () => boolean;
}

/**
 * How the guest is to see files of the host. `auto` takes 9p, which needs no other process, unless the kernel lacks it, or has
 * it broken; never what the kernel lacks, where it has the other. Of a kernel without a known configuration nothing is
 * known to be missing.
 */
export function chooseShare({ build, requested, root, hasVirtiofsd }: ShareQuestion): ShareChoice {
  if (requested !== "auto") return { way: requested };
  if (build.configFile === undefined || !hasVirtiofs(build, root)) return { way: "9p" };
  const missing = shareOptions["9p"].find((option) => !has(build, option));
  if (missing !== undefined) {
    const value = build.options[missing];
    const what = value === undefined ? "is not set" : `is ${value}, and there are no modules`;
    return { way: "virtiofs", reason: `the kernel has no 9p (${missing} ${what})` };
  }
  if (isBroken9p(build.release) && hasVirtiofsd()) {
    return {
      way: "virtiofs",
      reason: `9p is known to be broken in Linux 6.9 to 6.11, and this is ${build.release}`,
    };
  }
  return { way: "9p" };
}

/** Built in, or a module that an initramfs can bring along. */
function has({ options, modules }: ShareQuestion["build"], option: string): boolean {
  return options[option] === "y" || (options[option] === "m" && modules === "built");
}

function hasVirtiofs(build: ShareQuestion["build"], root: ShareQuestion["root"]): boolean {
  const [first = "", second = ""] = shareOptions.virtiofs;
  if (!has(build, first) || !has(build, second)) return false;
  // Before Linux 5.15 the kernel itself cannot have such a root; the initramfs, made for modules, can mount it.
  return root === "own" || build.options[second] === "m" || compareReleases(build.release, "5.15") >= 0;
}
