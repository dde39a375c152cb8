import { statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { codedError, quoteShell } from "@vm/command-plan";
import { readableText } from "@vm/host-files";
import type { ArchitectureFacts } from "@vm/architectures";
import { hostArchitecture } from "@vm/qemu-argv";
import { architectureOf } from "../architecture.js";
import { makeWords } from "./cross-compiler.js";
import { wantedOptions } from "../needs/checked-options.js";
import { readOptions } from "../needs/config-file.js";
import { imageDamage } from "../image/damaged-image.js";
import { imageRelease } from "../image/image-release.js";
import type { BuildTree, BuildWarning, ModulesState } from "../kernel-build.js";
import type { KernelOptions } from "../kernel-options.js";
import { askImageName, isForeign } from "./make.js";
import { kindOf, type Lookup } from "../lookup/kernel-location.js";
import { checkedRelease } from "../release-name.js";

/** A directory with a `.config`. */
export interface TreeLocation {
  /** Absolute. */
  readonly tree: string;
  /** When its `.config` was written, in milliseconds. */
  readonly configTime: number;
  /** The image that was named; else the one that the table of architectures or `make` says. */
  readonly image?: string;
  /** As of `Lookup`: `never` runs no make. */
  readonly prepare?: Lookup["prepare"];
  readonly mayMake?: Lookup["mayMake"];
}

/**
 * What a build tree holds. A dozen stats and three reads; `make` is asked only where no file answers.
 * Throws KERNEL_UNREADABLE, KERNEL_NOT_BUILT, KERNEL_ARCH_UNKNOWN, RELEASE_INVALID, and with `prepare: "never"` KERNEL_NOT_PREPARED.
 */
export function resolveTree({ tree, configTime, image: named, prepare, mayMake }: TreeLocation): BuildTree {
  const configFile = join(tree, ".config");
  const options = readConfiguration(configFile);
  const facts = architectureOf(options);
  if (facts === null) throw unknownArchitecture(tree, options);
  const image =
    named ?? findImage({ tree, configTime, mayMake, ...(prepare === undefined ? {} : { prepare }) }, facts);
  const damage = imageDamage(image, facts.name);
  if (damage !== null) {
    throw codedError("KERNEL_NOT_BUILT", `${image} ${damage}: the last build did not come to its end`, {
      hint: `Remove it first. ${buildHint(tree, facts)}`,
    });
  }
  const ownRelease = imageRelease(image);
  const release = readRelease(tree) ?? ownRelease;
  if (release === null) {
    throw codedError("KERNEL_NOT_BUILT", `${tree} has an image but no include/config/kernel.release`, {
      hint: buildHint(tree, facts),
    });
  }
  const modules = modulesState(tree, options);
  const warnings = [
    ...ageWarnings({ tree, image, configTime, facts }),
    ...releaseWarnings({ image, ownRelease, release }),
    ...modulesWarnings(tree, modules, facts),
  ];
  return {
    kind: "build-tree",
    tree,
    image,
    release,
    arch: facts.name,
    modules,
    configFile,
    options,
    warnings,
  };
}

function readConfiguration(file: string): KernelOptions {
  try {
    return readOptions(file, wantedOptions);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError("KERNEL_UNREADABLE", `${file} cannot be read: ${reason}`, { cause: error });
  }
}

function unknownArchitecture(tree: string, options: KernelOptions): Error {
  const name =
    options["CONFIG_UML"] === "y"
      ? "user-mode Linux, which runs without QEMU"
      : "an architecture unknown here";
  return codedError("KERNEL_ARCH_UNKNOWN", `${join(tree, ".config")} is for ${name}`, {
    hint: "Configure the kernel for a machine that QEMU has, for example with `make x86_64_defconfig`.",
  });
}

function findImage(
  { tree, configTime, prepare = "now", mayMake }: TreeLocation,
  facts: ArchitectureFacts,
): string {
  for (const name of facts.images) {
    const image = join(tree, name);
    if (kindOf(image) === "file") return image;
  }
  const autoConf = modificationTime(join(tree, "include/config/auto.conf"));
  // Older kernels bring include/config up to date even when they are only asked for a name: nothing may be written here.
  if (autoConf !== null && autoConf >= configTime) {
    const name = askImageName(tree, facts.makeArch, { prepare, mayMake });
    const image = name === null || isAbsolute(name) ? name : join(tree, name);
    if (image !== null && kindOf(image) === "file") return image;
  }
  const done = autoConf === null ? "was configured but never built" : "is not built to the end";
  throw codedError("KERNEL_NOT_BUILT", `${tree} ${done}: there is no ${facts.images[0]}`, {
    hint: isForeign(tree)
      ? "It is another user's, or another user can write to it, so its Makefile was not asked for another place: name the image itself."
      : mayMake?.(tree) === false
        ? "Its Makefile may not be asked for another place here: name the image itself."
        : buildHint(tree, facts),
  });
}

function buildHint(tree: string, { name: arch, makeArch }: ArchitectureFacts): string {
  const foreign =
    arch === hostArchitecture(process.arch) ? "" : ` ${makeWords({ arch, makeArch }).join(" ")}`;
  return `Run \`make -C ${quoteShell(tree)}${foreign} -j$(nproc)\`.`;
}

/** What the tree says that it builds; null where it does not say so yet. Throws RELEASE_INVALID. */
export function readRelease(tree: string): string | null {
  const file = join(tree, "include/config/kernel.release");
  const text = readableText(file)?.trim() ?? "";
  return text === "" ? null : checkedRelease(text, file);
}

function modulesState(tree: string, options: KernelOptions): ModulesState {
  if (options["CONFIG_MODULES"] !== "y") return "unsupported";
  return kindOf(join(tree, "modules.order")) === "file" ? "built" : "not-built";
}

function ageWarnings(build: {
  readonly tree: string;
  readonly image: string;
  readonly configTime: number;
  readonly facts: ArchitectureFacts;
}): BuildWarning[] {
  const imageTime = modificationTime(build.image) ?? 0;
  const hint = buildHint(build.tree, build.facts);
  const autoConf = modificationTime(join(build.tree, "include/config/auto.conf"));
  if (imageTime < build.configTime || (autoConf !== null && imageTime < autoConf)) {
    const message = `${build.image} is older than the configuration: the last build is not finished, or .config was changed since`;
    return [{ code: "IMAGE_OLDER_THAN_CONFIG", message, hint }];
  }
  const vmlinux = modificationTime(join(build.tree, "vmlinux"));
  if (vmlinux !== null && imageTime < vmlinux && build.image !== join(build.tree, "vmlinux")) {
    const message = `${build.image} is older than vmlinux: the last build is not finished`;
    return [{ code: "IMAGE_OLDER_THAN_VMLINUX", message, hint }];
  }
  return [];
}

function releaseWarnings(build: {
  readonly image: string;
  readonly ownRelease: string | null;
  readonly release: string;
}): BuildWarning[] {
  if (build.ownRelease === null || build.ownRelease === build.release) return [];
  const message = `${build.image} is ${build.ownRelease}, but the tree is now ${build.release}: its modules will not fit`;
  return [{ code: "IMAGE_OF_OTHER_RELEASE", message, hint: "Run `make` to the end." }];
}

function modulesWarnings(tree: string, modules: ModulesState, facts: ArchitectureFacts): BuildWarning[] {
  if (modules !== "not-built") return [];
  const message = `the modules of ${tree} are not built: there is no modules.order (building a single module removes it)`;
  return [{ code: "MODULES_NOT_BUILT", message, hint: buildHint(tree, facts) }];
}

/** When a file was written, in milliseconds; null where there is none, or none may look. */
export function modificationTime(path: string): number | null {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
  } catch {
    return null;
  }
}
