import { existsSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { cacheRoom, fingerprint } from "@vm/host-files";
import { type BusyboxLookup, checkApplets, findBusybox } from "./busybox.js";
import { cachedFile, keptFile } from "./cached-file.js";
import { type Contents, initramfsEntries } from "./contents.js";
import { renderCpio } from "./cpio.js";
import { readInit } from "./guest-asset.js";
import type { LoadedModule } from "./load-order.js";
import { type ModuleFiles, moduleFile, moduleState } from "./module-file.js";
import { readModuleIndex } from "./module-index.js";
import { type BootNeeds, fileSystemsOf } from "./needs.js";
import { isAllBuiltIn, type KernelFacts, type MissingPart, planInitramfs } from "./plan.js";

/** A kernel and where its modules are. */
export interface InitramfsKernel extends Pick<KernelFacts, "arch" | "config"> {
  /** What `uname -r` will say. */
  readonly release: string;
  /** Absent when the kernel takes no modules, or has none at hand. */
  readonly modules?: ModuleFiles;
}

export interface InitramfsOptions extends BusyboxLookup {
  /** vm's cache directory, absolute. */
  readonly cacheDir: string;
}

/**
 * `not-needed`: all drivers are built in. `ready`: the file is in the cache. `made`: it was made just now.
 * `to-be-made`: `ensureInitramfs` would make it, at this path.
 */
export type Initramfs<State extends "ready" | "made" | "to-be-made"> =
  | { readonly state: "not-needed" }
  | {
      readonly state: State;
      /** The file for QEMU's `-initrd`; its name changes with its content. */
      readonly path: string;
      /** What it loads, in order. */
      readonly modules: readonly LoadedModule[];
    };

/**
 * Gives the initramfs that a boot with these needs wants, out of the cache or made now. The same kernel, modules and busybox
 * give the same bytes. Only files are read; `xz` and `zstd` run for modules that are packed with them.
 *
 * @throws `DRIVER_MISSING` when the kernel has not what is needed, built in or as a module, with the option in the message
 *   and the `missing` parts on the error; and as `readModuleIndex`, `findBusybox`, `readModule`; `CACHE_UNUSABLE`, `CACHE_UNTRUSTED`
 */
export function ensureInitramfs(
  kernel: InitramfsKernel,
  needs: BootNeeds,
  options: InitramfsOptions,
): Initramfs<"ready" | "made"> {
  const recipe = recipeOf(kernel, needs, options);
  if (recipe === null) return { state: "not-needed" };
  const { path, modules } = recipe;
  if (keptFile(path)) return { state: "ready", path, modules };
  checkApplets(recipe.busybox);
  cachedFile(path, () => renderCpio(initramfsEntries(recipe)));
  return { state: "made", path, modules };
}

/** Looks what `ensureInitramfs` would do, and changes nothing: what a dry run asks. Throws the same. */
export function checkInitramfs(
  kernel: InitramfsKernel,
  needs: BootNeeds,
  options: InitramfsOptions,
): Initramfs<"ready" | "to-be-made"> {
  const recipe = recipeOf(kernel, needs, options);
  if (recipe === null) return { state: "not-needed" };
  const { path, modules } = recipe;
  const state = existsSync(path) ? "ready" : "to-be-made";
  return { state, path, modules };
}

interface Recipe extends Contents {
  readonly path: string;
}

function recipeOf(
  { release, arch, config, modules: files }: InitramfsKernel,
  needs: BootNeeds,
  { cacheDir, ...lookup }: InitramfsOptions,
): Recipe | null {
  const facts = { arch, ...(config === undefined ? {} : { config }) };
  if (config !== undefined && isAllBuiltIn(facts, needs)) return null;
  const index = files === undefined ? undefined : readModuleIndex(files.index ?? files.directory);
  const plan = planInitramfs({ ...facts, ...(index === undefined ? {} : { index }) }, needs);
  if (!plan.needed) return null;
  const [missing] = plan.missing;
  if (missing !== undefined || files === undefined) throw driverMissing(release, plan.missing);
  const busybox = findBusybox(arch, lookup);
  const init = readInit();
  const modules = plan.modules.map((module) => ({ ...module, file: moduleFile(files, module.path) }));
  const fileSystems = fileSystemsOf(needs);
  const key = [
    format,
    release,
    fileSystems.join(" "),
    fingerprint(init),
    ...[busybox, ...modules.map(({ file }) => file)].map(stampOf),
    ...modules.map(({ use, name }) => `${use} ${name}`),
  ];
  const name = `${release.replaceAll(/[^\w.+-]/g, "_")}-${fingerprint(key.join("\n"))}.cpio`;
  return { path: join(cacheRoom(cacheDir, "initramfs"), name), release, modules, fileSystems, busybox, init };
}

/** Changes with the layout of the archive. */
const format = "1";

function stampOf(file: string): string {
  const { size, mtimeMs } = moduleState(file);
  return `${mtimeMs} ${size} ${file}`;
}

function driverMissing(release: string, missing: readonly MissingPart[]): Error {
  const drivers = [...new Set(missing.map(({ driver }) => driver))];
  const lacks = drivers.map((driver) => {
    const options = missing.filter((part) => part.driver === driver).map(({ option }) => option);
    return `${driver} (${options.join(", ")})`;
  });
  const unbuilt = missing.every(({ reason }) => reason === "not-built");
  const error = codedError(
    "DRIVER_MISSING",
    unbuilt
      ? `The kernel ${release} has as modules, which are not built or not in their index: ${lacks.join(" and ")}.`
      : `The kernel ${release} has no ${lacks.join(" and no ")}, neither built in nor as modules.`,
    {
      hint: unbuilt
        ? "Build the modules to the end: make modules."
        : `Set ${missing.map(({ option }) => `${option}=y`).join(", ")}, or boot in another way.`,
    },
  );
  return Object.assign(error, { missing });
}
