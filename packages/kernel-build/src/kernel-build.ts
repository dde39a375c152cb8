import type { Architecture } from "@vm/architectures";
import type { KernelOptions } from "./kernel-options.js";

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
  /** The fragment in configs/ that has the option. */
  readonly fragment?: string;
}

/**
 * Whether modules come with the kernel. `built`: they are in `tree`. `not-built`: the kernel takes modules, but `make modules`
 * has not finished. `unsupported`: CONFIG_MODULES is not set. `absent`: none were found beside an image.
 */
export type ModulesState = "built" | "not-built" | "unsupported" | "absent";

/** What is known of every kernel. All paths are absolute. */
interface Kernel {
  /** The file for QEMU's `-kernel`. */
  readonly image: string;
  /** What `uname -r` will say: what include/config/kernel.release, the name of the directory of modules, or the image says. */
  readonly release: string;
  /** QEMU's name of the architecture: the end of `qemu-system-x86_64`; or `ppc64le`. */
  readonly arch: Architecture;
  readonly modules: ModulesState;
  /**
   * The values of the options that this package asks about, by full name, as `.config` writes them (`y`, `m`, `"text"`).
   * An option that is absent here is not set. Empty, and saying nothing, where there is no `configFile`.
   */
  readonly options: KernelOptions;
  /** What is unfinished or does not fit together, seen from files' names, times and first bytes only. */
  readonly warnings: readonly BuildWarning[];
}

/** A kernel that can be booted from where it was compiled. */
export interface BuildTree extends Kernel {
  readonly kind: "build-tree";
  /** The directory that `make` wrote to: the source tree itself, or what `O=` named. */
  readonly tree: string;
  /** The `.config` of the tree. */
  readonly configFile: string;
}

/**
 * A kernel as `make install modules_install` or a package lays it out: `installed` on this host, or `unpacked` in a
 * directory of its own.
 */
export interface LaidOutKernel extends Kernel {
  readonly kind: "installed" | "unpacked";
  /** The directory that holds `boot/` and `lib/modules/`; `/` for what is installed. */
  readonly root: string;
  /** The directory of its modules, `lib/modules/RELEASE`; absent where there is none. */
  readonly tree?: string;
  /** `boot/config-RELEASE`, or `config` beside the modules. */
  readonly configFile?: string;
  /** The package file that it was unpacked from, as it was named. */
  readonly package?: string;
  /** All package files that it was unpacked from, that one first. */
  readonly parts?: readonly string[];
}

/** An image and nothing else. */
export interface BareImage extends Kernel {
  readonly kind: "image";
  readonly tree?: never;
  readonly configFile?: string;
}

/**
 * What `-k` names. `tree` is what the guest gets as the share `modules`: a build tree, or an installed directory of modules
 * (docs/guest-contract.md); `resolveKernel(tree)` finds the same kernel again.
 */
export type KernelBuild = BuildTree | LaidOutKernel | BareImage;
