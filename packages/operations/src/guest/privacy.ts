import { makeDirectory } from "@vm/host-files";
import { errorCode } from "@vm/command-plan";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkExposed, findConfinement, type Privacy, type ShareWay } from "@vm/guest-run";
import type { Host } from "../host.js";
import { warning, type Notice } from "../notice.js";
import { keysDirectory } from "../reach/keys-directory.js";

/**
 * What of the host the guest must not see: as config.json and the request have it.
 *
 * @throws `EXPOSE_MEANINGLESS` when nothing would be hidden there
 */
export function readPrivacy(expose: readonly string[], host: Host): Privacy {
  const { env, cwd } = host;
  const { hide: places = [], expose: always = [] } = host.userConfig();
  const hide = [...places, keysDirectory(host)];
  const asked = expose.map((path) => resolve(cwd, path));
  for (const path of asked) checkExposed(path, { hide, env });
  return { hide, expose: [...always, ...asked], env };
}

/** Warns once on this machine that nothing can be hidden from guests. */
export function confinementWarnings(way: ShareWay["kind"], { env, cacheDir }: Host): Notice[] {
  if (findConfinement(way, env) !== "none") return [];
  try {
    makeDirectory(cacheDir, { mode: 0o700 });
    writeFileSync(join(cacheDir, "told-of-confinement"), "", { flag: "wx" });
  } catch (error) {
    if (errorCode(error) === "EEXIST") return [];
  }
  return [
    warning(
      "NOTHING_HIDDEN",
      "the guest can read what you can, your keys and the environment of your processes included: hiding them over 9p takes root, or Landlock with the setpriv of util-linux 2.40. --share virtiofs hides them. This is said once.",
    ),
  ];
}
