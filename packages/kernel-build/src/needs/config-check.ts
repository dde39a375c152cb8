import type { BuildWarning, KernelBuild } from "../kernel-build.js";
import { compareReleases, isBroken9p } from "../release-order.js";
import { shareOptions, type Feature } from "./requirements.js";
import { chooseShare } from "./share-choice.js";
import {
  embeddedCommand,
  unmetRequirements,
  type Start,
  type UnmetRequirement,
} from "./unmet-requirements.js";

/**
 * Looks for what will go wrong in the guest, before it boots: options of `.config` that the features of this run need
 * and that are not set, or are modules where nothing can load a module yet; modules that the kernel will refuse;
 * releases in which 9p does not work. Pure: the values were read by `resolveKernel`.
 */
export function checkConfig(
  build: Pick<KernelBuild, "arch" | "modules" | "options" | "release">,
  features: readonly Feature[],
  start: Start = {},
): BuildWarning[] {
  const asked = features.filter((feature) => feature !== "modules" || build.modules !== "unsupported");
  const warnings = unmetRequirements(build, asked, start).map((unmet) => missing(unmet, build.release));
  if (asked.includes("modules") && build.options["CONFIG_MODULE_SIG_FORCE"] === "y")
    warnings.push(signaturesForced);
  const shares = asked.includes("modules") || asked.includes("embedded");
  const { share = "9p" } = start;
  if (shares && share === "9p" && isBroken9p(build.release)) warnings.push(broken9p(build));
  return warnings;
}

/**
 * What keeps a kernel from starting the embedded guest (`vm run -k KERNEL --exec`), as far as its configuration says: `vm run` refuses a
 * kernel for the same options. A driver that is a module is none of them where the modules are built: an initramfs brings it along.
 */
export function checkEmbedded(
  build: Pick<KernelBuild, "arch" | "configFile" | "modules" | "options" | "release">,
): BuildWarning[] {
  if (build.configFile === undefined) return [];
  const { way } = chooseShare({ build, requested: "auto", root: "shared", hasVirtiofsd: () => false });
  return unmetRequirements(build, embeddedCommand, { share: way })
    .filter(({ state }) => state === "off" || build.modules !== "built")
    .map((unmet) => missing(unmet, build.release));
}

function missing(
  { option, purpose, set, fragment = "qemu", state }: UnmetRequirement,
  release: string,
): BuildWarning {
  if (state === "module") {
    const message = `${option} is a module, and nothing can load it early enough: the kernel needs it for ${purpose}`;
    return { code: "CONFIG_IS_MODULE", option, message, hint: `Set ${option}=y.`, fragment };
  }
  const message = `${option} is not set: the kernel needs it for ${purpose}`;
  const older = set?.since !== undefined && release !== "" && compareReleases(release, set.since) < 0;
  const how = set === undefined || older ? `Set ${option}=y` : `It comes with ${set.options}`;
  return {
    code: "CONFIG_NOT_SET",
    option,
    message,
    hint: `${how}: \`vm kconfig merge ${fragment}\` sets all that is needed.`,
    fragment,
  };
}

const signaturesForced: BuildWarning = {
  code: "MODULE_SIGNATURES_FORCED",
  option: "CONFIG_MODULE_SIG_FORCE",
  message:
    "CONFIG_MODULE_SIG_FORCE is set: the kernel will refuse the modules, which are signed only by `make modules_install`",
  hint: "Unset CONFIG_MODULE_SIG_FORCE.",
};

function broken9p({ release, options }: Pick<KernelBuild, "release" | "options">): BuildWarning {
  const message = `9p is known to be broken in Linux 6.9 to 6.11, and this is ${release}: files from the host may be read wrongly`;
  const lacking = shareOptions.virtiofs.filter((option) => options[option] === undefined);
  return {
    code: "NINE_P_BROKEN",
    message,
    hint:
      lacking.length === 0
        ? "The kernel has virtiofs: use --share virtiofs, with virtiofsd on this host."
        : `Set ${lacking.map((option) => `${option}=y`).join(" and ")} for virtiofs, or use another release.`,
  };
}
