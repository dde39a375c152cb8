import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { codedError, type Step } from "@vm/command-plan";
import type { HostKernel, ShareWay } from "@vm/guest-run";
import { checkRegular } from "@vm/host-files";
import {
  checkBuild,
  requireModules,
  resolveKernel,
  type BuildWarning,
  type Feature,
  type KernelBuild,
} from "@vm/kernel-build";
import type { UserConfig } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import { writeNotice } from "../output.js";
import { usageError } from "../usage-error.js";
import { file } from "./command-request.js";
import { kernelLookup } from "./kernel-lookup.js";
import { shareModulesIndex } from "./modules-index.js";
import type { RunOptions } from "./run-options.js";
import { shareWay } from "./share-way.js";

interface Surroundings {
  readonly context: CommandContext;
  readonly userConfig: UserConfig;
  /** The config's kernelCmdline. */
  readonly cmdline: readonly string[];
  /** What the run asks of the kernel: what is missing for it is told. */
  readonly features: readonly Feature[];
}

export interface NamedKernel {
  readonly build: KernelBuild;
  readonly host: HostKernel;
  /** What a script has to do first. */
  readonly steps: readonly Step[];
}

/**
 * What `-k`, `-i` and `-a` ask for; undefined without `-k`. Prints what will go wrong with that kernel, before it boots.
 */
export async function readHostKernel(
  options: RunOptions,
  { context, userConfig, cmdline, features }: Surroundings,
): Promise<NamedKernel | undefined> {
  const { kernel, initrd, append = [] } = options;
  if (kernel === undefined) {
    const orphan = initrd !== undefined ? "-i" : append.length > 0 ? "-a" : undefined;
    if (orphan !== undefined) throw usageError(`${orphan} needs -k: only a kernel from the host takes it`);
    return undefined;
  }
  const { cwd } = context;
  const given = initrd === undefined ? undefined : readableFile(resolve(cwd, initrd));
  if (options.busybox !== undefined) file(options.busybox, "--busybox", cwd);
  const build = resolveKernel(kernel, kernelLookup(context, userConfig, options));
  if (given === undefined) requireModules(build, features);
  const index = shareModulesIndex(build, options, context);
  const share = shareWay(build, { share: options.share, features, context });
  const needs = { features, options, context, cmdline, share: share.kind };
  const initramfs = given ?? (await initramfsFor(build, index.directory, needs));
  warn([
    ...build.warnings,
    ...checkBuild(build, features, {
      share: share.kind,
      ...(initramfs === undefined ? {} : { initramfs }),
    }),
    ...index.warnings.filter(({ code }) => !build.warnings.some((warning) => warning.code === code)),
  ]);
  const host: HostKernel = {
    image: build.image,
    arch: build.arch,
    cmdline: [...cmdline, ...append],
    share,
    ...(build.tree === undefined ? {} : { tree: build.tree }),
    ...(initramfs === undefined ? {} : { initrd: initramfs }),
    ...(index.directory === undefined ? {} : { modulesIndex: index.directory }),
  };
  return { build, host, steps: index.steps };
}

/** Made only for a kernel some of whose drivers are modules; its part is loaded only then. */
async function initramfsFor(
  build: KernelBuild,
  modulesIndex: string | undefined,
  needs: Pick<Surroundings, "features" | "context" | "cmdline"> & {
    readonly options: RunOptions;
    readonly share: ShareWay["kind"];
  },
): Promise<string | undefined> {
  const early = checkBuild(build, needs.features, { share: needs.share }).some(
    ({ code }) => code === "CONFIG_IS_MODULE",
  );
  if (!early || build.tree === undefined) return undefined;
  const { findInitramfs } = await import("../late/kernel-initramfs.js");
  return findInitramfs({ ...build, tree: build.tree }, modulesIndex, needs);
}

function warn(warnings: readonly BuildWarning[]): void {
  for (const { message, hint } of warnings) {
    writeNotice(`warning: ${message}${hint === undefined ? "" : `. ${hint}`}`);
  }
}

function readableFile(path: string): string {
  try {
    accessSync(path, constants.R_OK);
    // QEMU's own word for a directory would be that it ran out of memory, and it would wait for a FIFO's writer.
    checkRegular(path);
    return path;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("INITRD_UNREADABLE", `the initial ram disk ${path} cannot be read: ${reason}`, {
      hint: "Check the path that you gave with -i.",
      cause,
    });
  }
}
