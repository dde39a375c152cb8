import { codedError, errorCode } from "@vm/command-plan";
import { checkRootPrograms } from "@vm/guest-run";
import { readRegularText } from "@vm/host-files";
import { checkInitramfs, ensureInitramfs, type BootNeeds, type InitramfsKernel } from "@vm/initramfs";
import type { Feature, KernelBuild } from "@vm/kernel-build";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { aboutKernel, warning, type Notice } from "../notice.js";

/** What an initramfs is for. */
export interface InitramfsUse {
  readonly features: readonly Feature[];
  /** The kernel parameters of a disk's guest: `rootfstype=` names its file system. */
  readonly cmdline: readonly string[];
  /** How files of the host are shared. */
  readonly share: "9p" | "virtiofs";
  /** Of the kernel's architecture. Absolute. */
  readonly busybox?: string;
  /** The embedded guest's root. Absolute. */
  readonly root?: string;
}

export interface FoundInitramfs {
  readonly path?: string;
  readonly notices: readonly Notice[];
}

/**
 * The initramfs with the drivers that are modules of the kernel and that its boot needs; no path when none is needed, or when
 * there are no such modules (a warning about the configuration says which).
 *
 * @throws `KERNEL_NOT_PREPARED` for a script, where it has to be made first
 */
export function findInitramfs(
  build: KernelBuild & { readonly tree: string },
  modulesIndex: string | undefined,
  { features, cmdline, share, busybox, root }: InitramfsUse,
  mode: Mode,
  host: Host,
): FoundInitramfs {
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
  // Before it is said that there is no busybox: a root for this architecture has one.
  if (features.includes("embedded")) checkRootPrograms(root ?? "/", build.arch);
  const cache = {
    cacheDir: host.cacheDir,
    ...(busybox === undefined ? {} : { busybox }),
    ...(root === undefined ? {} : { root }),
  };
  try {
    const found =
      mode === "script" ? checkInitramfs(kernel, needs, cache) : ensureInitramfs(kernel, needs, cache);
    if (found.state === "to-be-made") throw notPrepared();
    return found.state === "not-needed" ? { notices: [] } : { path: found.path, notices: [] };
  } catch (error) {
    const code = errorCode(error);
    if (mode === "script" && code === "MODULES_INDEX_MISSING") throw notPrepared();
    if (code !== "DRIVER_MISSING" || !(error instanceof Error)) throw error;
    return { notices: [aboutKernel(warning(code, `no initramfs: ${error.message}`))] };
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
