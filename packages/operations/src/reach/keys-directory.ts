import { join } from "node:path";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";

/** Where the keys are by which the guests of the host's directory of VMs are reached. */
export function keysDirectory(host: Host): string {
  return join(vmHome(host), ".keys");
}
