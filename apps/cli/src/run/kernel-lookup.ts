import type { Lookup } from "@vm/kernel-build";
import type { UserConfig } from "@vm/vm-store";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import type { DryRun } from "../dry-run.js";
import { writeNotice } from "../output.js";

/** Where `-k` looks, and where it unpacks; a dry run unpacks nothing. */
export function kernelLookup(
  context: CommandContext,
  { builds }: UserConfig,
  { dryRun }: DryRun = {},
): Lookup {
  return {
    cwd: context.cwd,
    ...(builds === undefined ? {} : { builds: [builds] }),
    cacheDir: cacheHome(context),
    ...(context.env["KBUILD_OUTPUT"] === undefined ? {} : { kbuildOutput: context.env["KBUILD_OUTPUT"] }),
    prepare: dryRun === true ? "never" : "now",
    onWait: (message) => writeNotice(message),
    onNotice: (message) => writeNotice(message),
  };
}
