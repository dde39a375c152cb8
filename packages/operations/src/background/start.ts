import { statSync } from "node:fs";
import { join } from "node:path";
import { codedError, quoteShell } from "@vm/command-plan";
import { checkVmName } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import type { RestartRequest, StartedWhen, StartRequest } from "../request/request.js";
import { requestError } from "../request/request-error.js";
import { findGuest, orderOf } from "../running/running-guest.js";
import { stopGuest } from "../running/stop.js";
import type { GuestOrder } from "./guest-order.js";
import { startOrdered, type StartedGuest, type StartSettings } from "./start-guest.js";

/** As for the beginning of a command: many times what a kernel with all its checks switched on takes. */
const UP_MS = 900_000;

/** Who watches over the guest, and when nobody wants to wait any longer. */
type StartedBy = Pick<StartSettings, "signal" | "supervisor">;

/** Starts a guest that outlives us. @throws `REQUEST_INVALID`, and what `startOrdered` throws */
export function startGuest(request: StartRequest, by: StartedBy, host: Host): Promise<StartedGuest> {
  return startFor(orderFor(request, host), request, by, host);
}

/** What is told to the one that watches over the guest. @throws `REQUEST_INVALID`, `VM_NAME_INVALID` */
export function orderFor({ run, name: given }: StartRequest, host: Host): GuestOrder {
  const name = run.operation === "run-vm" ? run.vm : given;
  if (name === undefined) throw requestError("name", "a guest in the background needs a name");
  checkVmName(name);
  if (run.operation === "run-command") refuseTaken(name, host);
  return { run, name, cwd: host.cwd, command: host.command };
}

/** A guest that is going to be started again. */
export interface Restart {
  /** Ends it, and starts it as it was. @throws what `stopGuest` and `startOrdered` throw */
  carryOut(this: void, by: StartedBy): Promise<StartedGuest>;
}

/** @throws `NO_ORDER`, what `findGuest` throws */
export function planRestart(request: RestartRequest, host: Host): Restart {
  const { guest: name } = request;
  const guest = findGuest(name, host);
  const order = orderOf(guest);
  if (order === undefined) {
    throw codedError("NO_ORDER", `how ${name} was started is not known`, {
      hint: `Stop it, and start it: vm stop ${quoteShell(name)}`,
    });
  }
  return {
    async carryOut(by) {
      await stopGuest(guest, request, host);
      return await startFor(order, request, by, host);
    },
  };
}

function startFor(
  order: GuestOrder,
  { until = "up", upTimeoutMs = UP_MS }: { readonly until?: StartedWhen; readonly upTimeoutMs?: number },
  by: StartedBy,
  host: Host,
): Promise<StartedGuest> {
  return startOrdered(order, { ...by, until, limitMs: upTimeoutMs }, host);
}

/** Two of one name would be told apart by nobody. */
function refuseTaken(name: string, host: Host): void {
  if (statSync(join(vmHome(host), name), { throwIfNoEntry: false }) === undefined) return;
  throw requestError(
    "name",
    `there is a virtual machine ${name}`,
    "Choose another name for the embedded guest.",
  );
}
