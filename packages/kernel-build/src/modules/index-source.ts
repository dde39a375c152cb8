import type { KernelBuild } from "../kernel-build.js";

/** A directory of modules that an index is made of. */
export interface IndexedModules {
  /** A build tree, or an installed directory `lib/modules/RELEASE`. */
  readonly tree: string;
  readonly release: string;
  /** Which of the two: the guest mounts them in different ways (docs/guest-contract.md). */
  readonly layout: "build-tree" | "installed";
}

/** What `layout` in the index of an installed directory says; a build tree's index has no such file. */
export const layoutMark = "installed";

/** The modules of a kernel; null where none came with it. */
export function indexedModules({
  kind,
  tree,
  release,
}: Pick<KernelBuild, "kind" | "tree" | "release">): IndexedModules | null {
  if (tree === undefined) return null;
  return { tree, release, layout: kind === "build-tree" ? "build-tree" : "installed" };
}
