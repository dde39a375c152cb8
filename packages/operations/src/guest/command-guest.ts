import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import type { RunCommandRequest } from "../request/request.js";
import { requestError } from "../request/request-error.js";
import { planEmbeddedGuest, prepareEmbeddedGuest } from "./embedded-guest.js";
import type { PreparedGuest } from "./prepared-guest.js";
import { lockForRun, prepareVm } from "./vm-machine.js";

/** Makes the guest of a command ready; a VM is locked, unless it is for a script. */
export async function prepareGuest(
  request: RunCommandRequest,
  mode: Mode,
  host: Host,
): Promise<PreparedGuest> {
  const { guest, kernel, ...machine } = request;
  if (guest?.kind !== "vm") {
    const plan = planEmbeddedGuest({ ...machine, guest, boot: kernel }, host);
    return prepareEmbeddedGuest(kernel, plan, mode, host);
  }
  const vm = await prepareVm(
    { ...machine, name: guest.name, kernel, disks: guest.disks },
    { features: ["console", "disk", "modules", "command"], panicSeenBy: "console", parameters: "command" },
    mode,
    host,
  );
  const { config, debug, extraOptions, qemu, accelerator } = vm;
  if (vm.kernel === undefined || vm.build === undefined)
    throw requestError("kernel", "a command in a VM needs a kernel of the host");
  const lock = mode === "script" ? undefined : await lockForRun(vm, host);
  return {
    guest: {
      kind: "disk",
      kernel: vm.kernel,
      qemuOptions: config.qemuOptions,
      extraOptions: [...(debug?.options ?? []), ...extraOptions],
      directory: config.directory,
      ...(lock === undefined ? {} : { lockFd: lock.fd }),
    },
    qemu,
    accelerator,
    build: vm.build,
    ...(debug === undefined ? {} : { debug }),
  };
}
