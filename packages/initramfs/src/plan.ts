import { loadOrder, type LoadedModule } from "./load-order.js";
import type { ModuleIndex } from "./module-index.js";
import { type BootNeeds, initramfsParts, type Part, partsOf } from "./needs.js";

/** What is known about a kernel, as data. */
export interface KernelFacts {
  /** QEMU's name of the architecture: `x86_64`. */
  readonly arch: string;
  /** The text of its `.config`; absent when no configuration is known. */
  readonly config?: string;
  /** Absent when the kernel takes no modules, or when nothing is known about them. */
  readonly index?: ModuleIndex;
}

/** A part that the kernel does not give. */
export interface MissingPart extends Part {
  /** `off`: not configured; `not-built`: configured as a module, which is not in the index of the modules. */
  readonly reason: "off" | "not-built";
}

export interface NoInitramfs {
  readonly needed: false;
}

export interface InitramfsPlan {
  readonly needed: true;
  /** What to load, in order. Empty when something is missing and nothing else is a module. */
  readonly modules: readonly LoadedModule[];
  /** What neither the kernel nor its modules have: nothing boots with these needs. */
  readonly missing: readonly MissingPart[];
}

/**
 * Decides whether a boot needs an initramfs: whether some driver is a module, or not there at all. A kernel of which
 * neither configuration nor modules are known is taken to have what it needs.
 */
export function planInitramfs(kernel: KernelFacts, needs: BootNeeds): NoInitramfs | InitramfsPlan {
  const wanted: string[] = [];
  const missing: MissingPart[] = [];
  for (const part of partsOf(needs, kernel.arch)) {
    const state = stateOf(part, kernel);
    if (state === "module") wanted.push(part.module ?? "");
    else if (state !== "built-in") missing.push({ ...part, reason: state });
  }
  if (wanted.length === 0 && missing.length === 0) return { needed: false };
  if (wanted.length > 0) {
    for (const part of initramfsParts) {
      if (stateOf(part, kernel) !== "built-in") missing.push({ ...part, reason: "off" });
    }
  }
  return {
    needed: true,
    modules: kernel.index === undefined ? [] : loadOrder(wanted, kernel.index),
    missing,
  };
}

/** Whether `.config` alone says that all is built in: then the modules need not be looked at. */
export function isAllBuiltIn(kernel: Pick<KernelFacts, "arch" | "config">, needs: BootNeeds): boolean {
  return partsOf(needs, kernel.arch).every(({ option }) => valueOf(option, kernel.config) === "y");
}

function stateOf(
  { module, option }: Part,
  { config, index }: KernelFacts,
): "built-in" | "module" | "off" | "not-built" {
  const value = valueOf(option, config);
  if (value === "y" || (module !== null && index?.isBuiltIn(module) === true)) return "built-in";
  if (module !== null && index?.find(module) !== undefined) return "module";
  if (value === "m") return "not-built";
  if (config !== undefined) return "off";
  // modules.builtin lists nothing that cannot be a module.
  return module === null || index === undefined ? "built-in" : "off";
}

/** `y`, `m`, or undefined where it is not set. A search, since a distribution's 10,000 lines need not be split for ten values. */
function valueOf(option: string, config: string | undefined): string | undefined {
  const text = `${option}=`;
  for (let at = config?.indexOf(text) ?? -1; at >= 0; at = config?.indexOf(text, at + 1) ?? -1) {
    if (at === 0 || config?.[at - 1] === "\n") return config?.[at + text.length];
  }
  return undefined;
}
