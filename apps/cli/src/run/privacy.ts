import { resolve } from "node:path";
import { checkExposed, type Privacy } from "@vm/guest-run";
import { readUserConfig } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
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
