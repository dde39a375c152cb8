import { join, resolve } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import { checkExposed, findConfinement, type Privacy, type ShareWay } from "@vm/guest-run";
import { readUserConfig } from "@vm/vm-store";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { writeNotice } from "../output.js";
import type { EmbeddedOptions } from "./run-options.js";

/**
 * What of the host the guest must not see: as config.json and `--expose` have it.
 *
 * @throws `EXPOSE_MEANINGLESS` when nothing would be hidden there
 */
export function readPrivacy({ expose = [] }: EmbeddedOptions, { env, cwd }: CommandContext): Privacy {
  const { hide = [], expose: always = [] } = readUserConfig({ env });
  const asked = expose.map((path) => resolve(cwd, path));
  for (const path of asked) checkExposed(path, { hide, env });
  return { hide, expose: [...always, ...asked], env };
}

/** Says once on this machine that nothing can be hidden from guests. */
export function tellOfConfinement(way: ShareWay["kind"], context: CommandContext): void {
  const { env } = context;
  if (findConfinement(way, env) !== "none") return;
  const directory = cacheHome(context);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "told-of-confinement"), "", { flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
  }
  writeNotice(
    "warning: the guest can read what you can, your keys and the environment of your processes included: hiding them over 9p takes root, or Landlock with the setpriv of util-linux 2.40. --share virtiofs hides them. This is said once.",
  );
}
