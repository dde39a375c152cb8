import { join } from "node:path";
import { toScript } from "@vm/command-plan";
import { createVm, planCreate, type NewVm } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import { checkArch } from "../kernel/known-arch.js";
import type { CreateVmRequest } from "../request/request.js";

/** Creates a virtual machine, and gives its directory. @throws `REQUEST_INVALID`, what `createVm` throws */
export async function createMachine(request: CreateVmRequest, host: Host): Promise<string> {
  const vm = newVm(request, host);
  await createVm(vm);
  return join(vm.home, vm.name);
}

/** The script that creates it. */
export function creationScript(request: CreateVmRequest, host: Host): string {
  return toScript(planCreate(newVm(request, host)));
}

function newVm(request: CreateVmRequest, host: Host): NewVm {
  const { operation: _, vm: name, arch, ...machine } = request;
  return {
    home: vmHome(host),
    name,
    ...machine,
    ...(arch === undefined ? {} : { arch: checkArch(arch, "arch") }),
  };
}
