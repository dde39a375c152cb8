import {
  findQemu,
  resolveAccelerator,
  type AcceleratorRequest,
  type EmbeddedKernel,
  type ResolvedAccelerator,
  type ShareWay,
} from "@vm/guest-run";
import {
  checkBuild,
  ensureModulesIndex,
  requireModules,
  resolveKernel,
  type Feature,
  type KernelBuild,
  type Lookup,
} from "@vm/kernel-build";
import { problemOf, type KernelRow, type Problem } from "./result.js";

/** A kernel made ready for guests, or why it can not be. */
export type PreparedKernel =
  | {
      readonly kind: "ready";
      readonly row: KernelRow;
      readonly kernel: EmbeddedKernel;
      /** How files of the host come to its guests; default: over 9p. */
      readonly share?: ShareWay;
      readonly qemu: string;
      readonly accelerator: ResolvedAccelerator;
    }
  | { readonly kind: "unusable"; readonly row: KernelRow; readonly problem: Problem };

export interface Preparation {
  /** Where `-k NAME` is looked up. */
  readonly lookup: Lookup;
  readonly accelerator: AcceleratorRequest;
  /** vm's cache directory, absolute: for the index of modules. */
  readonly cacheHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How files of the host come to the guests of this kernel. It may throw, which concerns that kernel alone. Default: over 9p. */
  readonly share?: (build: KernelBuild, name: string) => ShareWay;
  /**
   * Gives the initramfs of a kernel whose drivers are modules; undefined when there is none to be had. It may throw, which
   * concerns that kernel alone. Without it such a kernel boots as it is.
   */
  readonly initramfs?: (
    build: KernelBuild & { readonly tree: string },
    modulesIndex: string | undefined,
    share: ShareWay["kind"],
  ) => string | undefined;
}

const FEATURES: readonly Feature[] = ["console", "modules", "embedded", "command"];

/** A kernel of the matrix before it is looked at. */
export interface NamedKernel {
  /** Unique in the matrix: see `shortNames`. */
  readonly name: string;
  /** What the person typed after `-k`. */
  readonly given: string;
  /** What to resolve, where that is something else: the build tree of a revision. */
  readonly what?: string;
}

/**
 * Resolves what `-k` names and makes its index of modules. Whatever is wrong with this kernel is part of what is
 * returned: the others are not concerned.
 */
export function prepareKernel(
  { name, given, what = given }: NamedKernel,
  { lookup, accelerator: requested, cacheHome, env, share: chooseShare, initramfs: make }: Preparation,
): PreparedKernel {
  try {
    const build = resolveKernel(what, { cacheDir: cacheHome, ...lookup });
    requireModules(build, FEATURES);
    const index = ensureModulesIndex(build, { cacheDir: cacheHome });
    const indexWarnings = index.state === "none" ? [index.problem] : index.warnings;
    const modulesIndex = index.state === "none" ? undefined : index.directory;
    const share = chooseShare?.(build, name) ?? { kind: "9p" };
    const asked = { share: share.kind };
    const early = checkBuild(build, FEATURES, asked).some(({ code }) => code === "CONFIG_IS_MODULE");
    const initrd =
      early && build.tree !== undefined
        ? make?.({ ...build, tree: build.tree }, modulesIndex, share.kind)
        : undefined;
    const warnings = [
      ...build.warnings,
      ...checkBuild(build, FEATURES, initrd === undefined ? asked : { ...asked, initramfs: initrd }),
      ...indexWarnings,
    ];
    const row: KernelRow = {
      name,
      given,
      release: build.release,
      tree: build.tree ?? null,
      image: build.image,
      warnings: [...new Set(warnings.map(({ message }) => message))],
    };
    const { image, arch, release, configFile, tree } = build;
    return {
      kind: "ready",
      row,
      kernel: {
        image,
        arch,
        release,
        ...(configFile === undefined ? {} : { configFile }),
        ...(tree === undefined ? {} : { tree }),
        ...(initrd === undefined ? {} : { initrd }),
        ...(modulesIndex === undefined ? {} : { modulesIndex }),
      },
      share,
      ...machine({ arch, release, requested, cacheHome, env }),
    };
  } catch (error) {
    return unusableKernel({ name, given }, error);
  }
}

/** The row of a kernel with which something went wrong before it could be prepared. */
export function unusableKernel({ name, given }: NamedKernel, error: unknown): PreparedKernel {
  const row = { name, given, release: null, tree: null, image: null, warnings: [] };
  return { kind: "unusable", row, problem: problemOf(error) };
}

function machine({
  arch,
  release,
  requested,
  cacheHome,
  env,
}: {
  readonly arch: string;
  readonly release: string;
  readonly requested: AcceleratorRequest;
  readonly cacheHome: string;
  readonly env: Preparation["env"];
}): { qemu: string; accelerator: ResolvedAccelerator } {
  const qemu = findQemu({ arch, env });
  const accelerator = resolveAccelerator({
    requested,
    guestArch: arch,
    kernelRelease: release,
    options: [],
    qemu,
    cacheHome,
    trial: "run",
  });
  return { qemu, accelerator };
}
