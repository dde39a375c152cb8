import type { KernelBuild } from "../kernel-build.js";
import {
  initramfsRequirements,
  requirementsOf,
  type Feature,
  type Requirement,
  type ShareKind,
} from "./requirements.js";

/** A requirement that a configuration does not meet. */
export interface UnmetRequirement extends Requirement {
  /** `off`: it is not set. `module`: nothing can load it early enough. */
  readonly state: "off" | "module";
}

/** How a kernel is started. */
export interface Start {
  /** Default: `9p`. */
  readonly share?: ShareKind;
  /** The initramfs that the kernel is started with, if any: a driver may then be a module that it brings along. */
  readonly initramfs?: string;
}

/**
 * What a kernel lacks for features, each option once. Where a driver is a module with nothing to load it, an initramfs would help: what the kernel
 * lacks for that is named as well.
 */
export function unmetRequirements(
  { arch, options }: { readonly arch: string } & Pick<KernelBuild, "options">,
  features: readonly Feature[],
  { share = "9p", initramfs }: Start = {},
): UnmetRequirement[] {
  const needs = features.flatMap((feature) => requirementsOf(feature, arch, share));
  const unmet = needs.flatMap((need) => unmetBy(need, options[need.option], initramfs));
  const origin = initramfs !== undefined ? "given" : unmet.some(isModule) ? "own" : undefined;
  if (origin !== undefined) {
    unmet.push(...initramfsRequirements(origin).flatMap((need) => unmetBy(need, options[need.option])));
  }
  return unmet.filter(({ option }, at) => unmet.findIndex((other) => other.option === option) === at);
}

function unmetBy(need: Requirement, value: string | undefined, initramfs?: string): UnmetRequirement[] {
  if (value === "y") return [];
  if (value !== "m" || need.module === null) return [{ ...need, state: "off" }];
  return need.early === undefined || initramfs !== undefined ? [] : [{ ...need, state: "module" }];
}

function isModule({ state }: UnmetRequirement): boolean {
  return state === "module";
}

/** The features of the embedded guest in which a command runs: without one of their options it does not start. */
export const embeddedCommand: readonly Feature[] = ["embedded", "command"];
