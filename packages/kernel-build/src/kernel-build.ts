import type { Architecture } from "./architecture.js";

/** Something about a build that is worth knowing before it boots; it does not stop the boot. */
export interface BuildWarning {
  /** Stable, upper case, for example `IMAGE_OLDER_THAN_CONFIG`. */
  readonly code: string;
  /** One sentence for the person at the keyboard, with the file or option it is about. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The configuration option it is about, with its prefix: `CONFIG_NET_9P`. */
  readonly option?: string;
}

/**
 * Whether modules can come out of the build tree: `built` (modules.order is there; it may list none), `not-built`
 * (the kernel takes modules, but `make modules` has not finished), `unsupported` (CONFIG_MODULES is not set).
 */
export type ModulesState = "built" | "not-built" | "unsupported";

/** What `-k` names: a kernel that can be booted from where it was compiled. All paths are absolute. */
export interface KernelBuild {
  readonly kind: "build-tree";
  /** The directory that `make` wrote to: the source tree itself, or what `O=` named. */
  readonly tree: string;
  /** The file for QEMU's `-kernel`. */
  readonly image: string;
  /** What `uname -r` will say: the content of include/config/kernel.release. */
  readonly release: string;
  /** QEMU's name of the architecture: the end of `qemu-system-x86_64`. */
  readonly arch: Architecture;
  readonly modules: ModulesState;
  /** The `.config` of the tree. */
  readonly configFile: string;
  /**
   * The values of the options that this package asks about, by full name, as `.config` writes them (`y`, `m`, `"text"`).
   * An option that is absent here is not set.
   */
  readonly options: KernelOptions;
  /** What is unfinished or does not fit together, seen from files' names, times and first bytes only. */
  readonly warnings: readonly BuildWarning[];
}

export type KernelOptions = { readonly [option: string]: string };
