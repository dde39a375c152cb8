import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { codedError, quoteShell } from "@vm/command-plan";
import { modificationTime, resolveTree } from "../tree/build-tree.js";
import type { KernelBuild } from "../kernel-build.js";
import type { Lookup } from "./kernel-location.js";
import { kindOf, locateKernel, treeAbove } from "./kernel-location.js";
import { isLayout, layoutOfModules, resolveLayout } from "./laid-out-kernel.js";
import { resolveFile } from "./kernel-file.js";
import { packagesIn } from "../packages/package-set.js";
import { resolvePackages } from "../packages/resolve-packages.js";
import { isRevision } from "./revision-name.js";

/**
 * Finds out what `-k WHAT` boots: a build tree (or a name of one in `builds`), an image, an installed release, a directory with `boot/` and
 * `lib/modules/`, a directory `lib/modules/RELEASE`, a package, several packages of one kernel (`A+B`) or a directory of them. See `locateKernel` for the order in which a name is looked up.
 * For a build tree fast: a dozen stats and three reads. A package is unpacked into the cache at its first use.
 *
 * Throws errors with a `code`: KERNEL_NOT_FOUND, KERNEL_IS_A_FILE, KERNEL_UNREADABLE, NOT_A_KERNEL_BUILD,
 * KERNEL_NOT_CONFIGURED, KERNEL_NOT_BUILT, KERNEL_ARCH_UNKNOWN, KERNEL_RELEASE_UNKNOWN, KERNEL_NOT_PREPARED,
 * RELEASE_INVALID, PACKAGE_WITHOUT_KERNEL, PACKAGE_PARTS_MISSING, PACKAGE_PARTS_DIFFER, PACKAGE_UNREADABLE, PACKAGE_TOO_LARGE, UNPACKER_MISSING, IMAGE_UNREADABLE, IMAGE_NOT_BOOTABLE, CACHE_UNUSABLE; the reason of `signal`.
 */
export async function resolveKernel(what: string, lookup: Lookup): Promise<KernelBuild> {
  if (isRevision(what)) {
    throw codedError("KERNEL_NOT_PREPARED", `${what} has to be built first`, {
      hint: `\`vm kernel ${what}\` builds it.`,
    });
  }
  const location = locateKernel(what, lookup);
  const { warnings } = location;
  const build = await readable(() => resolveLocation(location, lookup));
  return warnings.length === 0 ? build : { ...build, warnings: [...warnings, ...build.warnings] };
}

/** Errors of the file system as errors for a person: distributions let only root read what they install in /boot. */
async function readable(find: () => Promise<KernelBuild>): Promise<KernelBuild> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error && "path" in error)) throw error;
    const denied = "code" in error && (error.code === "EACCES" || error.code === "EPERM");
    throw codedError("KERNEL_UNREADABLE", `${String(error.path)} cannot be read: ${error.message}`, {
      ...(denied ? { hint: `Let yourself read it: \`sudo chmod a+r ${String(error.path)}\`.` } : {}),
      cause: error,
    });
  }
}

async function resolveLocation(
  location: ReturnType<typeof locateKernel>,
  lookup: Lookup,
): Promise<KernelBuild> {
  switch (location.kind) {
    case "directory":
      return resolveDirectory(location.path, lookup);
    case "file":
      return resolveFile(location.path, lookup);
    case "packages":
      return resolvePackages({ kind: "files", files: location.files }, lookup);
    case "release": {
      const { hostRoot: root = "/" } = lookup;
      return resolveLayout({ kind: "installed", root, release: location.release }, lookup);
    }
    default:
      return location satisfies never;
  }
}

/** A `.config` makes it a build tree, whatever else is in it. */
async function resolveDirectory(named: string, lookup: Lookup): Promise<KernelBuild> {
  const directory = outputOf(named, lookup) ?? named;
  const configTime = modificationTime(join(directory, ".config"));
  if (configTime !== null) {
    const { prepare = "now", mayMake } = lookup;
    return resolveTree({ tree: directory, configTime, prepare, mayMake });
  }
  const modules = layoutOfModules(directory);
  if (modules !== null) {
    const kind = modules.root === (lookup.hostRoot ?? "/") ? "installed" : "unpacked";
    return resolveLayout({ kind, ...modules }, lookup);
  }
  if (isLayout(directory)) return resolveLayout({ kind: "unpacked", root: directory }, lookup);
  if (packagesIn(directory).length > 0) return resolvePackages({ kind: "directory", directory }, lookup);
  throw noConfiguration(directory, lookup);
}

/**
 * Where make writes for a source tree when KBUILD_OUTPUT is set: relative to the tree, as make has it. Null for what is no source, and where
 * another tree was built: the link `source` that make leaves there says which.
 */
export function outputOf(tree: string, { kbuildOutput = "" }: Pick<Lookup, "kbuildOutput">): string | null {
  if (kbuildOutput === "" || !isSource(tree)) return null;
  const output = resolve(tree, kbuildOutput);
  try {
    return realpathSync(join(output, "source")) === realpathSync(tree) ? output : null;
  } catch {
    return null;
  }
}

function isSource(tree: string): boolean {
  return ["Kbuild", "Kconfig"].every((name) => kindOf(join(tree, name)) === "file");
}

function noConfiguration(tree: string, { kbuildOutput = "" }: Lookup): Error {
  if (isSource(tree)) {
    return codedError("KERNEL_NOT_CONFIGURED", `${tree} is a kernel source tree that was never configured`, {
      hint:
        kbuildOutput === ""
          ? `Run \`make -C ${quoteShell(tree)} defconfig\` and \`make -C ${quoteShell(tree)} -j$(nproc)\`, or name the O= directory it was built in.`
          : `KBUILD_OUTPUT is ${kbuildOutput}, and nothing of this tree was configured there either: run \`make -C ${quoteShell(tree)} defconfig\`.`,
    });
  }
  const above = treeAbove(tree);
  const hint =
    above === null
      ? "A build tree holds .config and what `make` built from it; an unpacked kernel holds boot/ or lib/modules/; a directory of packages holds those of a kernel."
      : `Do you mean ${above}?`;
  return codedError("NOT_A_KERNEL_BUILD", `${tree} is not a kernel build tree: it has no .config`, { hint });
}
