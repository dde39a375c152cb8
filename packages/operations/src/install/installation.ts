import type { InstallPlan } from "@vm/arch-live";
import type { Host } from "../host.js";
import type { FailureReport } from "../report/failure-report.js";
import type { InstallRequest } from "../request/request.js";
import type { InstallWatch, VmInstallation } from "./install-vm.js";
import type { AskPassword } from "./unattended.js";

/** Installs Arch Linux on a VM. What goes wrong in the guest is part of the result. */
export async function installVm(
  request: InstallRequest,
  host: Host,
  watch: InstallWatch,
): Promise<VmInstallation> {
  const module = await import("./install-vm.js");
  return module.installVm(request, host, watch);
}

/** What the kernel of an installation's guest complained of; null where it did not. */
export async function explainInstallation(
  plan: Pick<InstallPlan, "logs">,
  request: InstallRequest,
  host: Host,
): Promise<FailureReport | null> {
  const module = await import("./install-failure.js");
  return module.explainInstallation(plan, request, host);
}

/** The shell script that installs it. @param askPassword is asked for root's, which a script cannot do */
export async function installationScript(
  request: InstallRequest,
  host: Host,
  askPassword: AskPassword,
): Promise<string> {
  const module = await import("./installation-script.js");
  return module.installationScript(request, host, askPassword);
}
