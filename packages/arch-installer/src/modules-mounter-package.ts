import { renderPackage } from "@vm/modules-mounter";
import type { LocalPackage } from "./installation.js";

/** The package that makes the guest mount the modules of kernels of the host. The bundle of the bin holds it ready made. */
export async function modulesMounterPackage(): Promise<LocalPackage> {
  return renderPackage({ format: "pacman" });
}
