import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import type { HostKernel } from "@vm/guest-run";
import { checkConfig, resolveKernel } from "@vm/kernel-build";
import type { UserConfig } from "@vm/vm-store";
import { writeNotice } from "../output.js";
import { usageError } from "../usage-error.js";
import type { RunOptions } from "./run-options.js";

/**
 * What `-k`, `-i` and `-a` ask for; undefined without `-k`. Prints what will go wrong with that kernel, before it boots.
 * `cmdline` is the config's.
 */
export function readHostKernel(
  options: RunOptions,
  { cwd, userConfig, cmdline }: { cwd: string; userConfig: UserConfig; cmdline: readonly string[] },
): HostKernel | undefined {
  const { kernel, initrd, append = [] } = options;
  if (kernel === undefined) {
    const orphan = initrd !== undefined ? "-i" : append.length > 0 ? "-a" : undefined;
    if (orphan !== undefined) throw usageError(`${orphan} needs -k: only a kernel from the host takes it`);
    return undefined;
  }
  const initramfs = initrd === undefined ? undefined : readableFile(resolve(cwd, initrd));
  const { builds } = userConfig;
  const build = resolveKernel(kernel, { cwd, ...(builds === undefined ? {} : { builds: [builds] }) });
  const expectations = checkConfig(
    build,
    ["console", "disk", "modules"],
    initramfs === undefined ? {} : { initramfs },
  );
  for (const { message, hint } of [...build.warnings, ...expectations]) {
    writeNotice(`warning: ${message}${hint === undefined ? "" : `. ${hint}`}`);
  }
  return {
    image: build.image,
    arch: build.arch,
    tree: build.tree,
    cmdline: [...cmdline, ...append],
    ...(initramfs === undefined ? {} : { initrd: initramfs }),
  };
}

function readableFile(path: string): string {
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch (cause) {
    throw codedError("INITRD_UNREADABLE", `the initial ram disk ${path} can not be read`, {
      hint: "Check the path that you gave with -i.",
      cause,
    });
  }
}
