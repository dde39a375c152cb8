import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { codedError, errorCode, type Step } from "@vm/command-plan";
import type { HostKernel } from "@vm/guest-run";
import { checkRegular } from "@vm/host-files";
import { checkBuild, requireModules, resolveKernel, type Feature, type KernelBuild } from "@vm/kernel-build";
import { keepCacheLimit } from "../cache/cache-limit.js";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { aboutKernel, mergeWarnings, remark, type Notice } from "../notice.js";
import { existingFile } from "../request/request-error.js";
import type { BootedKernel } from "../request/request.js";
import { builtKernel } from "./built-kernel.js";
import type { FoundInitramfs, InitramfsUse } from "./kernel-initramfs.js";
import { kernelLookup } from "./kernel-lookup.js";
import { shareModulesIndex } from "./modules-index.js";
import { shareWay } from "./share-way.js";

/** What a kernel is made ready for. */
export interface KernelUse {
  /** What the run asks of it: what is missing for that is told. */
  readonly features: readonly Feature[];
  /** Kernel parameters that come before those of the request. */
  readonly cmdline?: readonly string[];
  /** The embedded guest's root. Absolute; default: `/`. */
  readonly root?: string;
  /** The QEMU that the request names. Absolute; default: that of the kernel's architecture. */
  readonly qemu?: string | undefined;
}

/** A kernel that a guest can boot. */
export interface PreparedKernel {
  readonly build: KernelBuild;
  readonly kernel: HostKernel;
  /** What a script has to do first. */
  readonly steps: readonly Step[];
  /** What was decided, and what will go wrong with it. */
  readonly notices: readonly Notice[];
}

/**
 * Makes a kernel ready for a guest: builds or unpacks it, makes sure of the index of its modules, chooses how files are shared, and makes
 * an initramfs where its drivers are modules.
 *
 * @throws `KERNEL_NOT_PREPARED` for a script, where something has to be done first; what `resolveKernel` throws, `INITRD_UNREADABLE`, ...
 */
export async function prepareKernel(
  request: BootedKernel,
  { features, cmdline = [], root, qemu }: KernelUse,
  mode: Mode,
  host: Host,
): Promise<PreparedKernel> {
  const { cwd } = host;
  const { parameters = [], share: requested = "auto" } = request;
  const initrd = request.initrd === undefined ? undefined : readableFile(resolve(cwd, request.initrd));
  const busybox =
    request.busybox === undefined ? undefined : existingFile(request.busybox, "kernel.busybox", cwd);
  const name = await builtKernel(request, mode, host);
  const build = await resolveKernel(name, kernelLookup(host, mode));
  if (initrd === undefined) requireModules(build, features);
  const index = await shareModulesIndex(build, mode, host);
  const share = shareWay(build, requested, { features, qemu, host });
  const use = {
    features,
    cmdline,
    share: share.way.kind,
    ...(busybox === undefined ? {} : { busybox }),
    ...(root === undefined ? {} : { root }),
  };
  const initramfs: FoundInitramfs =
    initrd === undefined
      ? await initramfsFor(build, index.directory, use, mode, host)
      : { path: initrd, notices: [] };
  const checked = checkBuild(build, features, {
    share: share.way.kind,
    ...(initramfs.path === undefined ? {} : { initramfs: initramfs.path }),
  });
  if (mode === "run") keepCacheLimit(host);
  return {
    build,
    kernel: {
      image: build.image,
      arch: build.arch,
      cmdline: [...cmdline, ...parameters],
      share: share.way,
      ...(build.tree === undefined ? {} : { tree: build.tree }),
      ...(initramfs.path === undefined ? {} : { initrd: initramfs.path }),
      ...(index.directory === undefined ? {} : { modulesIndex: index.directory }),
    },
    steps: index.steps,
    notices: [
      ...(share.reason === undefined
        ? []
        : [aboutKernel(remark(`files are shared over virtiofs: ${share.reason}`))]),
      ...initramfs.notices,
      ...mergeWarnings(build.warnings, checked, index.warnings),
    ],
  };
}

/** Made only for a kernel some of whose drivers are modules; its part is loaded only then. */
async function initramfsFor(
  build: KernelBuild,
  modulesIndex: string | undefined,
  use: InitramfsUse,
  mode: Mode,
  host: Host,
): Promise<FoundInitramfs> {
  const { features, share } = use;
  const early = checkBuild(build, features, { share }).some(({ code }) => code === "CONFIG_IS_MODULE");
  if (!early || build.tree === undefined) return { notices: [] };
  const { findInitramfs } = await import("./kernel-initramfs.js");
  return findInitramfs({ ...build, tree: build.tree }, modulesIndex, use, mode, host);
}

function readableFile(path: string): string {
  try {
    accessSync(path, constants.R_OK);
    // QEMU would say of a directory that it ran out of memory, and it would wait for a FIFO's writer.
    checkRegular(path);
    return path;
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause);
    const reason = errorCode(cause) === "ENOENT" ? "there is no such file" : told;
    throw codedError("INITRD_UNREADABLE", `the initial ram disk ${path} cannot be read: ${reason}`, {
      hint: "Check the path that you gave with -i.",
      cause,
    });
  }
}
