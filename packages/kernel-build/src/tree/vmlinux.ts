import { dirname, join } from "node:path";
import { imageKind } from "../image/image-kind.js";
import type { KernelBuild } from "../kernel-build.js";
import { kindOf } from "../lookup/kernel-location.js";

/** A kernel with its symbols, for gdb, crash and drgn. */
export interface Vmlinux {
  readonly path: string;
  /** `vmlinux-gdb.py` beside it, which a build with CONFIG_GDB_SCRIPTS leaves there. */
  readonly scripts?: string;
}

/**
 * The vmlinux of a kernel: in its build tree; beside an image, or the image itself; for what distributions install, where their
 * debug packages put it. Undefined where there is none.
 *
 * @param debugRoot where a debug package is unpacked
 */
export function findVmlinux(build: KernelBuild, debugRoot?: string): Vmlinux | undefined {
  const path = places(build, debugRoot).find((place) => kindOf(place) === "file");
  if (path === undefined) return undefined;
  const scripts = join(dirname(path), "vmlinux-gdb.py");
  return { path, ...(kindOf(scripts) === "file" ? { scripts } : {}) };
}

function places(build: KernelBuild, debugRoot?: string): string[] {
  const { release } = build;
  switch (build.kind) {
    case "build-tree":
      return [join(build.tree, "vmlinux")];
    case "image":
      return [
        ...(imageKind(build.image)?.format === "vmlinux" ? [build.image] : []),
        join(dirname(build.image), "vmlinux"),
      ];
    case "installed":
    case "unpacked": {
      const { root, tree } = build;
      const own = tree === undefined ? [] : [join(tree, "build/vmlinux"), join(tree, "vmlinux")];
      // Debian and Ubuntu; Fedora; Arch has it in build/.
      const debug = [`boot/vmlinux-${release}`, `lib/modules/${release}/vmlinux`];
      const roots = [...(debugRoot === undefined ? [] : [debugRoot]), ...(root === "/" ? [] : [root]), "/"];
      return [...own, ...roots.flatMap((top) => debug.map((name) => join(top, "usr/lib/debug", name)))];
    }
    default:
      return build satisfies never;
  }
}
