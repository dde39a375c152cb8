import { join, resolve } from "node:path";
import { renderScript } from "@vm/arch-installer";
import { DEFAULT_MIRROR, latestUrl, newestCachedIso, wholePlan } from "@vm/arch-live";
import { type Plan, toScript } from "@vm/command-plan";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { repeatedCommand } from "../run/repeated-words.js";
import { usageError } from "../usage-error.js";
import type { InstallCommandOptions } from "./install-options.js";
import { planFromHost, planWithIso, readUnattended } from "./installation-plan.js";
import { claimTarget } from "./installation-target.js";

/** Where images of the live system are kept. */
export function isoDirectory(context: CommandContext): string {
  return join(cacheHome(context), "iso");
}

/** The script of `vm install NAME --dry-run`. */
export async function dryScript(
  name: string,
  options: InstallCommandOptions,
  context: CommandContext,
): Promise<string> {
  const installation = await readUnattended(name, options, context);
  const { target } = await claimTarget(name, options, context);
  const wanted = { target, script: renderScript(installation), options, context };
  if (options.bootstrap === true)
    return toScript(wholePlan(planFromHost(wanted, installation.pacmanMirrors)));
  const { iso, mirror = DEFAULT_MIRROR } = options;
  const image = iso === undefined ? newestCachedIso(isoDirectory(context)) : resolve(context.cwd, iso);
  if (image !== undefined && options.mirror !== undefined && options.pacmanMirrors !== undefined) {
    throw usageError(
      `--mirror: a dry run takes the image that is there, ${image}, and --pacman-mirrors say where packages are`,
      "Leave it out, or run vm install without -n: it asks the mirror for the newest image.",
    );
  }
  if (image !== undefined) return toScript(wholePlan(await planWithIso(wanted, image)));
  return toScript(downloadPlan(mirror, context));
}

/** With no image yet nobody knows its kernel: the script gets one, and then runs this very command with it. */
function downloadPlan(mirror: string, context: CommandContext): Plan {
  const directory = isoDirectory(context);
  const file = "archlinux-x86_64.iso";
  const fetch = (name: string): Plan => [
    { kind: "run", argv: ["curl", "--fail", "--location", "--output", name, latestUrl(mirror, name)] },
  ];
  const repeated = repeatedCommand(context);
  return [
    {
      kind: "comment",
      text: "There is no image in the cache yet. (Without -n, vm also goes on with a download that was cut, and checks",
    },
    {
      kind: "comment",
      text: "the signature.) The image has the kernel and its parameters: what follows is known when it is there.",
    },
    { kind: "make-directory", path: directory, parents: true },
    { kind: "change-directory", path: directory },
    ...fetch("sha256sums.txt"),
    ...fetch(file),
    { kind: "run", argv: ["sha256sum", "--check", "--ignore-missing", "sha256sums.txt"] },
    ...repeated.map((step) =>
      step.kind === "exec"
        ? { ...step, argv: [...step.argv, "--iso", join(directory, file)] satisfies [string, ...string[]] }
        : step,
    ),
  ];
}
