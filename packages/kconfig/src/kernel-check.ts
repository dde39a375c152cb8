import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Architecture, BuildWarning, Feature, FoundConfig } from "@vm/kernel-build";
import {
  allFeatures,
  architectureOf,
  checkConfig,
  chooseShare,
  shareOptions,
  type ShareKind,
  type ShareQuestion,
} from "@vm/kernel-build";
import { codedError } from "@vm/command-plan";
import { parseConfig } from "./config-text.js";
import { readFragments } from "./fragment.js";
import { makeArchOf } from "./make-arch.js";
import { isThereOtherwise, lostOptions, type LostOption } from "./lost-option.js";
import type { ExplainedLoss } from "./merge.js";
import { explainAll } from "./merge.js";
import { sourceOf } from "./source-tree.js";

export interface KernelCheckRequest {
  /** The kernel's configuration, as `resolveConfig` of `@vm/kernel-build` finds it. */
  readonly config: FoundConfig;
  /** The directory that the paths of fragments are relative to. Absolute. */
  readonly cwd: string;
  /** Fragments whose options are asked for as well: paths, or bare names in `configs`. */
  readonly fragments: readonly string[];
  /** The features to report on, all of them needed. Default: all are reported, and `usualFeatures` are needed. */
  readonly needed?: readonly Feature[];
  /** The directory of the fragments with bare names; it is also where options that are missing are looked up. */
  readonly configs?: string;
  /**
   * What a module is where a fragment builds in, or the other way round: `enough` (default), since the option is there, or `lost`, as
   * after a merge that did not reach what it was to.
   */
  readonly otherForm?: "enough" | "lost";
  /** The kernel's source, for the reasons why options of fragments are not set. Default: that of the build tree. */
  readonly source?: string;
}

/** What a kernel lacks for a feature. */
export interface MissingOption {
  /** The full name: `CONFIG_NET_9P`. */
  readonly option: string;
  /** `off`; or `module`, which is enough when an initramfs brings it along. */
  readonly state: "off" | "module";
  /** A sentence with the option and what it is needed for. */
  readonly reason: string;
  /** The fragment that sets it: its bare name, or null where none of them does. */
  readonly fragment: string | null;
}

export interface FeatureCheck {
  readonly feature: Feature;
  /** Whether the check is passed only with this feature. */
  readonly needed: boolean;
  /** `with-initramfs`: some drivers are modules that have to be loaded before the root. */
  readonly state: "ready" | "with-initramfs" | "missing";
  readonly missing: readonly MissingOption[];
}

export interface KernelCheck {
  /** Where the configuration was found. */
  readonly from: string;
  readonly release: string | null;
  readonly arch: Architecture;
  /** Whether all that is needed is there. */
  readonly passed: boolean;
  readonly features: readonly FeatureCheck[];
  /** Options of the fragments that the configuration does not have: those that are missing first, then those with another value. */
  readonly lost: readonly ExplainedLoss[];
  /** Options of the fragments that are there, as modules where they were to be built in or the other way round. Nothing is missing. */
  readonly inOtherForm: readonly LostOption[];
  /** What else is known to go wrong with this kernel. */
  readonly warnings: readonly BuildWarning[];
}

/** What `vm run` makes use of only when it is told to; 9p stands in for virtiofs. */
const optionalFeatures: readonly Feature[] = ["virtiofs", "vsock", "dump", "gdb", "trace"];

/** What `vm run` makes use of by default. */
export const usualFeatures: readonly Feature[] = allFeatures.filter(
  (feature) => !optionalFeatures.includes(feature),
);

/**
 * Says what a kernel's configuration lacks for the features of a run and for fragments, option by option.
 * Throws what `readFragments` throws, and KERNEL_ARCH_UNKNOWN.
 */
export function checkKernel(request: KernelCheckRequest): KernelCheck {
  const { config: found } = request;
  const config = parseConfig(found.text);
  const options = Object.fromEntries([...config].filter(([, value]) => value !== "n"));
  const facts = architectureOf(options);
  if (facts === null) {
    throw codedError("KERNEL_ARCH_UNKNOWN", `${found.from} is for an architecture that QEMU does not have`);
  }
  const { name: arch } = facts;
  const names = makeArchOf({ asked: facts.makeArch, config: found.text, env: {} });
  const build = {
    arch,
    options,
    release: found.release ?? "",
    modules: options["CONFIG_MODULES"] === "y" ? "built" : "unsupported",
  } as const;
  const share = shareOf({ ...build, configFile: found.from });
  const fragmentOf = fragmentFinder(request.configs, names.fragments);
  const needed = request.needed ?? usualFeatures;
  const warnings = new Map<string, BuildWarning>();
  const features = (request.needed ?? allFeatures).map((feature): FeatureCheck => {
    const missing: MissingOption[] = [];
    for (const warning of checkConfig(build, [feature], { share })) {
      const { code, option, message, fragment = null } = warning;
      if (option === undefined || (code !== "CONFIG_NOT_SET" && code !== "CONFIG_IS_MODULE")) {
        if (needed.includes(feature)) warnings.set(code, warning);
        continue;
      }
      const state = code === "CONFIG_NOT_SET" ? "off" : "module";
      missing.push({ option, state, reason: message, fragment: fragmentOf(option) ?? fragment });
    }
    // What has to be done something about comes first.
    missing.sort((a, b) => Number(b.state === "off") - Number(a.state === "off"));
    return { feature, needed: needed.includes(feature), state: stateOf(missing), missing };
  });
  const source = request.source ?? (found.tree === null ? null : sourceOf(found.tree));
  const wanted = readFragments(request.fragments, { ...request, arch: names.fragments });
  const inOtherForm =
    request.otherForm === "lost" ? [] : lostOptions(wanted, config).filter(isThereOtherwise);
  const there = new Set(inOtherForm.map(({ option }) => option));
  const lost = explainAll(
    wanted.filter(({ option }) => !there.has(option)),
    config,
    source === null ? null : { directory: source, srcarch: names.directory },
  );
  return {
    from: found.from,
    release: found.release,
    arch,
    passed: lost.length === 0 && features.every((check) => !check.needed || check.state !== "missing"),
    features,
    lost: lost.toSorted((a, b) => Number(b.found === "n") - Number(a.found === "n")),
    inOtherForm,
    warnings: [...warnings.values()],
  };
}

function stateOf(missing: readonly MissingOption[]): FeatureCheck["state"] {
  if (missing.length === 0) return "ready";
  return missing.every(({ state }) => state === "module") ? "with-initramfs" : "missing";
}

/** Looks an option up in the fragments of a directory; those for another architecture are left out. */
function fragmentFinder(configs: string | undefined, arch: string): (option: string) => string | null {
  if (configs === undefined) return () => null;
  const fragments = new Map<string, string>();
  // `qemu` is there for just this: where it has the option, no other is named.
  const names = listed(configs).flatMap((file) => /^([^.]+)\.fragment$/.exec(file)?.[1] ?? []);
  for (const name of names.toSorted((a, b) => Number(b === "qemu") - Number(a === "qemu"))) {
    for (const { option, value } of readFragments([join(configs, `${name}.fragment`)], {
      cwd: configs,
      arch,
    })) {
      if (value !== "n" && !fragments.has(option)) fragments.set(option, name);
    }
  }
  return (option) => fragments.get(option) ?? null;
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return [];
  }
}

/** A kernel with nothing of 9p is meant for virtiofs, where `vm run` takes it with that; with a part of 9p it lacks the rest. */
function shareOf(build: ShareQuestion["build"]): ShareKind {
  if (shareOptions["9p"].some((option) => build.options[option] !== undefined)) return "9p";
  return chooseShare({ build, requested: "auto", root: "shared", hasVirtiofsd: () => false }).way;
}
