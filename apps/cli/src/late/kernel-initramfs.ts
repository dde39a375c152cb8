import { resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { checkRootPrograms } from "@vm/guest-run";
import { readRegularText } from "@vm/host-files";
import { checkInitramfs, ensureInitramfs, type BootNeeds, type InitramfsKernel } from "@vm/initramfs";
import type { Feature, KernelBuild } from "@vm/kernel-build";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import type { DryRun } from "../dry-run.js";
import { writeNotice } from "../output.js";

interface InitramfsRequest {
  readonly features: readonly Feature[];
  /** The kernel parameters of a disk's guest: `rootfstype=` names its file system. */
  readonly cmdline: readonly string[];
  /** How files of the host are shared. */
  readonly share: "9p" | "virtiofs";
  readonly options: DryRun & { readonly busybox?: string; readonly root?: string };
  readonly context: CommandContext;
}

/**
 * The initramfs with the drivers that are modules of the kernel and that its boot needs; undefined when none is needed, or when
 * there are no such modules (a warning about the configuration says which).
 */
export function findInitramfs(
  build: KernelBuild & { readonly tree: string },
  modulesIndex: string | undefined,
  { features, cmdline, share, options, context }: InitramfsRequest,
): string | undefined {
  const kernel: InitramfsKernel = {
    release: build.release,
    arch: build.arch,
    ...(build.configFile === undefined ? {} : { config: readRegularText(build.configFile) }),
    modules: {
      layout: build.kind === "build-tree" ? "build-tree" : "installed",
      directory: build.tree,
      ...(modulesIndex === undefined ? {} : { index: modulesIndex }),
    },
  };
  const needs = withOptionalDrivers(build, features, bootNeeds(features, cmdline, share));
  const { busybox, root } = options;
  // Before it is said that there is no busybox: a root for this architecture has one.
  if (features.includes("embedded")) checkRootPrograms(resolve(context.cwd, root ?? "/"), build.arch);
  const cache = {
    cacheDir: cacheHome(context),
    ...(busybox === undefined ? {} : { busybox: resolve(context.cwd, busybox) }),
    ...(root === undefined ? {} : { root: resolve(context.cwd, root) }),
  };
  try {
    if (options.dryRun === true) {
      const found = checkInitramfs(kernel, needs, cache);
      if (found.state === "to-be-made") throw notPrepared();
      return found.state === "ready" ? found.path : undefined;
    }
    const found = ensureInitramfs(kernel, needs, cache);
    return found.state === "not-needed" ? undefined : found.path;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (options.dryRun === true && code === "MODULES_INDEX_MISSING") throw notPrepared();
    if (code !== "DRIVER_MISSING" || !(error instanceof Error)) throw error;
    writeNotice(`warning: no initramfs: ${error.message}`);
    return undefined;
  }
}

/** A dry run makes nothing: its script is the command itself. */
function notPrepared(): Error {
  return codedError("KERNEL_NOT_PREPARED", "the initramfs of this kernel has to be made first", {
    hint: "Run the command without --dry-run once.",
  });
}

/** What no boot needs is loaded where it is a module: a kernel that does not have the driver boots all the same. */
function withOptionalDrivers(
  { configFile, options }: Pick<KernelBuild, "configFile" | "options">,
  features: readonly Feature[],
  needs: BootNeeds,
): BootNeeds {
  const dump = features.includes("dump") && options["CONFIG_FW_CFG_SYSFS"] === "m";
  const card =
    features.includes("embedded") && (configFile === undefined || options["CONFIG_VIRTIO_NET"] === "m");
  const { drivers = [] } = needs;
  return {
    ...needs,
    drivers: [...(card ? ["virtio-net" as const] : []), ...drivers, ...(dump ? ["fw-cfg" as const] : [])],
  };
}

function bootNeeds(
  features: readonly Feature[],
  cmdline: readonly string[],
  share: "9p" | "virtiofs",
): BootNeeds {
  const command = features.includes("command") ? (["virtio-console"] as const) : [];
  if (features.includes("embedded")) return { root: share, drivers: ["overlay", ...command] };
  const fileSystem = /(?:^| )rootfstype=(\S+)/.exec(cmdline.join(" "))?.[1];
  return {
    root: "virtio-blk",
    ...(fileSystem === undefined ? {} : { fileSystem }),
    drivers: [share, ...command],
  };
}
