import type { RevisionBuild } from "./booted-kernel.js";
import type { Feature } from "@vm/kernel-build";

/** Fragments merged into a kernel's configuration: `vm kconfig merge`. */
export interface MergeConfigRequest {
  readonly operation: "merge-config";
  /** Files, or names of those that come with vm. At least one. */
  readonly fragments: readonly string[];
  /** The kernel's source, or a directory made from it with O=. */
  readonly tree: string;
  /** make's O=; default: $KBUILD_OUTPUT. */
  readonly buildDirectory?: string;
  /** Where the configuration goes, instead of the tree's .config. */
  readonly output?: string;
  /** A file or a target of make to start from; default: .config, else defconfig. */
  readonly base?: string;
  /** make's ARCH=; default: that of the base. */
  readonly arch?: string;
}

/** What a kernel's configuration lacks: `vm kconfig check`. */
export interface CheckConfigRequest {
  readonly operation: "check-config";
  /** What `-k` takes, or a configuration. */
  readonly kernel: string;
  readonly build?: Omit<RevisionBuild, "jobs">;
  /** Fragments whose options are asked for as well. */
  readonly fragments?: readonly string[];
  /** The features to report on, all of them needed; default: all are reported, and the usual ones needed. */
  readonly features?: readonly Feature[];
  /** What a module is where a fragment builds in, or the other way round; default: `enough`. */
  readonly otherForm?: "enough" | "lost";
  /** The kernel's source, for the reasons why an option is not set; default: that of the build. */
  readonly source?: string;
}
