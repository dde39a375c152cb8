import { join } from "node:path";
import { execCommand, toScript } from "@vm/command-plan";
import { commandArgv } from "@vm/guest-run";
import { entryName, runtimeDirectories } from "@vm/vm-store";
import { commandSettings } from "../guest/command-run.js";
import { planEmbeddedGuest, prepareEmbeddedGuest } from "../guest/embedded-guest.js";
import { backgroundServers } from "../guest/qmp-server.js";
import { vmHome } from "../guest/vm-config.js";
import { planRun } from "../guest/vm-run.js";
import type { Host } from "../host.js";
import { execOptions } from "../reach/exec-service.js";
import { scriptOrRepeat } from "../script.js";
import type { StartRequest } from "../request/request.js";
import type { GuestOrder } from "./guest-order.js";
import { orderFor } from "./start.js";
import { residentShell } from "./resident-shell.js";

/** The script that starts it: this very `vm`, which watches over the guest; QEMU's arguments are there for the person to read. */
export function startScript(request: StartRequest, host: Host): Promise<string> {
  const order = orderFor(request, host);
  return scriptOrRepeat(async () => {
    const text = "QEMU; what would be its terminal is the console of the guest (vm console):";
    return toScript([
      { kind: "comment", text },
      { kind: "comment", text: execCommand(await qemuArgv(order, host)) },
      ...host.repeat(),
    ]);
  }, host);
}

async function qemuArgv({ run, name }: GuestOrder, host: Host): Promise<readonly [string, ...string[]]> {
  const entry = join(runtimeDirectories(host.env)[0], entryName({ home: vmHome(host), name }));
  const sockets = backgroundServers((socket) => join(entry, socket));
  if (run.operation === "run-vm") {
    const { plan } = await planRun(run, "script", host, (arch, userOptions) => [
      ...sockets,
      ...execOptions(join(entry, "exec"), arch, userOptions),
    ]);
    const last = plan.find((step) => step.kind === "exec");
    return last?.argv ?? [""];
  }
  const { guest = { kind: "embedded" }, kernel, ...machine } = run;
  const embedded = guest.kind === "embedded" ? guest : undefined;
  const plan = planEmbeddedGuest({ ...machine, guest: embedded, boot: kernel }, host);
  const prepared = await prepareEmbeddedGuest(kernel, plan, "script", host);
  return commandArgv({
    command: residentShell,
    ...commandSettings(run.command, embedded ?? { kind: "embedded" }, host),
    guest: { ...prepared.guest, qemuOptions: [...sockets, ...(prepared.guest.qemuOptions ?? [])] },
    qemu: prepared.qemu,
    acceleratorOptions: prepared.accelerator.options,
    execSocket: join(entry, "exec"),
    stdin: "none",
  });
}
