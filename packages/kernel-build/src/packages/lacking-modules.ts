import { codedError } from "@vm/command-plan";
import { checkConfig } from "../needs/config-check.js";
import type { Feature, ShareKind } from "../needs/requirements.js";
import type { KernelBuild, LaidOutKernel } from "../kernel-build.js";

/**
 * Refuses a kernel out of packages that hold none of its modules, where the guest cannot start without: PACKAGE_PARTS_MISSING. Whoever
 * starts it with an initramfs of their own does not ask.
 */
export function requireModules(build: KernelBuild, features: readonly Feature[]): void {
  if (build.kind !== "unpacked" || build.package === undefined) return;
  if (build.modules !== "absent" || build.configFile === undefined) return;
  const ways: readonly ShareKind[] = ["9p", "virtiofs"];
  if (ways.some((share) => !needsModules(build, features, share))) return;
  throw codedError(
    "PACKAGE_PARTS_MISSING",
    `${build.package} holds Linux ${build.release} without its modules (there is no lib/modules/${build.release} in it), and the guest cannot start without them`,
    { hint: "Name the package that has them as well: -k A+B." },
  );
}

function needsModules(build: LaidOutKernel, features: readonly Feature[], share: ShareKind): boolean {
  return checkConfig(build, features, { share }).some(({ code }) => code === "CONFIG_IS_MODULE");
}
