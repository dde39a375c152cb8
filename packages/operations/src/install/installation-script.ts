import { join, resolve } from "node:path";
import { renderScript } from "@vm/arch-installer";
import { DEFAULT_MIRROR, latestUrl, newestCachedIso, wholePlan } from "@vm/arch-live";
import { type Plan, toScript } from "@vm/command-plan";
import type { Host } from "../host.js";
import { requestError } from "../request/request-error.js";
import type { InstallRequest } from "../request/request.js";
import { planFromHost, planWithIso } from "./installation-plan.js";
import { claimTarget } from "./installation-target.js";
import { type AskPassword, readUnattended } from "./unattended.js";

/** Where images of the live system are kept. */
export function isoDirectory({ cacheDir }: Pick<Host, "cacheDir">): string {
  return join(cacheDir, "iso");
}

/** The script of an installation. */
export async function installationScript(
  request: InstallRequest,
  host: Host,
  askPassword: AskPassword,
): Promise<string> {
  const installation = await readUnattended(request, host, askPassword);
  const { target } = await claimTarget(request, "script", host);
  const wanted = { request, target, script: renderScript(installation) };
  const { from = { kind: "iso" }, mirror } = request;
  if (from.kind === "host") {
    return toScript(wholePlan(planFromHost(wanted, from, installation.pacmanMirrors, host)));
  }
  const image = from.file === undefined ? newestCachedIso(isoDirectory(host)) : resolve(host.cwd, from.file);
  if (image === undefined) return toScript(downloadPlan(mirror ?? DEFAULT_MIRROR, host));
  if (mirror !== undefined && request.installation?.pacmanMirrors !== undefined) {
    throw requestError(
      "mirror",
      `a dry run takes the image that is there, ${image}, and --pacman-mirrors say where packages are`,
      "Leave it out, or run vm install without -n: it asks the mirror for the newest image.",
    );
  }
  return toScript(wholePlan(await planWithIso(wanted, image, "script", host)));
}

/** With no image yet nobody knows its kernel: the script gets one, and then runs this very command with it. */
function downloadPlan(mirror: string, host: Host): Plan {
  const directory = isoDirectory(host);
  const file = "archlinux-x86_64.iso";
  const fetch = (name: string): Plan => [
    { kind: "run", argv: ["curl", "--fail", "--location", "--output", name, latestUrl(mirror, name)] },
  ];
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
    ...host
      .repeat()
      .map((step) =>
        step.kind === "exec"
          ? { ...step, argv: [...step.argv, "--iso", join(directory, file)] satisfies [string, ...string[]] }
          : step,
      ),
  ];
}
