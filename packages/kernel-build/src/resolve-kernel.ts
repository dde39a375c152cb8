import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { codedError, quoteShell } from "@vm/command-plan";
import type { ArchitectureFacts } from "./architecture.js";
import { architectureOf, architectureOptions } from "./architecture.js";
import { checkedOptions } from "./config-check.js";
import { readOptions } from "./config-file.js";
import { imageRelease } from "./image-release.js";
import type { BuildWarning, KernelBuild, KernelOptions, ModulesState } from "./kernel-build.js";
import { askImageName } from "./make.js";
import type { Lookup } from "./tree-location.js";
import { kindOf, locateTree, treeAbove } from "./tree-location.js";

/**
 * Finds out what `-k WHAT` boots: `what` is a build tree's path (relative to `cwd`), or the name of one in `builds`.
 * Synchronous and fast: a dozen stats and three reads; `make` is asked only where no file answers.
 *
 * Throws errors with a `code`: KERNEL_NOT_FOUND, KERNEL_IS_A_FILE, KERNEL_UNREADABLE, NOT_A_KERNEL_BUILD,
 * KERNEL_NOT_CONFIGURED, KERNEL_NOT_BUILT, KERNEL_ARCH_UNKNOWN.
 */
export function resolveKernel(what: string, lookup: Lookup): KernelBuild {
  const tree = locateTree(what, lookup);
  const configFile = join(tree, ".config");
  const configTime = modificationTime(configFile);
  if (configTime === null) throw noConfiguration(tree);
  const options = readConfiguration(configFile);
  const facts = architectureOf(options);
  if (facts === null) throw unknownArchitecture(tree, options);
  const image = findImage(tree, facts, configTime);
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
    arch: facts.arch,
    modules,
    configFile,
    options,
    warnings,
  };
}

const wantedOptions = [...new Set(["CONFIG_MODULES", ...architectureOptions, ...checkedOptions])];

function readConfiguration(file: string): KernelOptions {
  try {
    return readOptions(file, wantedOptions);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError("KERNEL_UNREADABLE", `${file} can not be read: ${reason}`, { cause: error });
  }
}

function noConfiguration(tree: string): Error {
  if (kindOf(join(tree, "Kbuild")) === "file" && kindOf(join(tree, "Kconfig")) === "file") {
    return codedError("KERNEL_NOT_CONFIGURED", `${tree} is a kernel source tree that was never configured`, {
      hint: `Run \`make -C ${quoteShell(tree)} defconfig\` and \`make -C ${quoteShell(tree)} -j$(nproc)\`, or name the O= directory it was built in.`,
    });
  }
  const above = treeAbove(tree);
  const hint =
    above === null ? "A build tree holds .config and what `make` built from it." : `Do you mean ${above}?`;
  return codedError("NOT_A_KERNEL_BUILD", `${tree} is not a kernel build tree: it has no .config`, { hint });
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

function findImage(tree: string, facts: ArchitectureFacts, configTime: number): string {
  for (const name of facts.images) {
    const image = join(tree, name);
    if (kindOf(image) === "file") return image;
  }
  const autoConf = modificationTime(join(tree, "include/config/auto.conf"));
  // Older kernels bring include/config up to date even when they are only asked for a name: nothing may be written here.
  if (autoConf !== null && autoConf >= configTime) {
    const name = askImageName(tree, facts.makeArch);
    const image = name === null || isAbsolute(name) ? name : join(tree, name);
    if (image !== null && kindOf(image) === "file") return image;
  }
  const done = autoConf === null ? "was configured but never built" : "is not built to the end";
  throw codedError("KERNEL_NOT_BUILT", `${tree} ${done}: there is no ${facts.images[0]}`, {
    hint: buildHint(tree, facts),
  });
}

function buildHint(tree: string, { makeArch }: ArchitectureFacts): string {
  const foreign = makeArch === hostArch() ? "" : ` ARCH=${makeArch} CROSS_COMPILE=...`;
  return `Run \`make -C ${quoteShell(tree)}${foreign} -j$(nproc)\`.`;
}

function hostArch(): string {
  const names: { readonly [node: string]: string } = {
    x64: "x86_64",
    ia32: "i386",
    ppc64: "powerpc",
    riscv64: "riscv",
  };
  return names[process.arch] ?? process.arch;
}

function readRelease(tree: string): string | null {
  try {
    const text = readFileSync(join(tree, "include/config/kernel.release"), "utf8").trim();
    return text === "" ? null : text;
  } catch {
    return null;
  }
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

function modificationTime(path: string): number | null {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
  } catch {
    return null;
  }
}
