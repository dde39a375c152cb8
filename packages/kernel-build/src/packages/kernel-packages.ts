import type { BuildWarning } from "../kernel-build.js";

/** What the person named: packages, or a directory of them. Absolute paths. */
export type NamedPackages =
  | { readonly kind: "files"; readonly files: readonly string[] }
  | { readonly kind: "directory"; readonly directory: string };

/** The packages of one kernel. */
export interface PackageSet {
  /** Absolute paths, the one that was named first. */
  readonly parts: readonly string[];
  /** Those of them that were not named. */
  readonly added: readonly string[];
  /** Those of them that hold something of the kernel, in the same order whichever was named: the one with the image, and the rest. */
  readonly filled: readonly string[];
  /** Undefined where the packages do not say it. */
  readonly release?: string;
  readonly warnings: readonly BuildWarning[];
}
