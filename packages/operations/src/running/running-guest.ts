import { statSync } from "node:fs";
import { join } from "node:path";
import { codedError, nearestName, quoteShell } from "@vm/command-plan";
import {
  checkVmName,
  findRunningGuest,
  listRunningGuests,
  listVms,
  readVmLock,
  type GuestSocket,
  type RunningGuest,
} from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { GuestOrder } from "../background/guest-order.js";
import type { Host } from "../host.js";

/**
 * The guest in the background that has this name: a VM's, or one that an embedded guest was given. Also one on a terminal that can be reached
 * by what is needed.
 * @throws `VM_NOT_RUNNING`; `VM_ON_TERMINAL` for a `vm run` on a terminal, which only that terminal reaches; `VM_NOT_FOUND`, `VM_NAME_INVALID`
 */
export function findGuest(name: string, host: Host, needed: GuestSocket = "control"): RunningGuest {
  checkVmName(name);
  const home = vmHome(host);
  const found = findRunningGuest({ home, name }, host.env);
  if (found !== undefined && isInBackground(found)) return found;
  if (found?.sockets[needed] !== undefined) return found;
  if (found !== undefined) throw onTerminal(found);
  const directory = join(home, name);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw notFound(name, home, host);
  const state = readVmLock(directory);
  if (!state.running) {
    throw codedError("VM_NOT_RUNNING", `${name} is not running`, {
      hint: `Start it: vm start ${quoteShell(name)}`,
    });
  }
  throw onTerminal({ ...state, name });
}

/** Who started it on a terminal has written down no order. */
function isInBackground({ order }: RunningGuest): boolean {
  return order !== undefined;
}

function onTerminal({
  name,
  since,
  command = ["vm", "run", name],
}: {
  readonly name: string;
  readonly since?: string;
  readonly command?: readonly string[];
}): Error {
  const by = since === undefined ? "" : ` (since ${since}: ${command.join(" ")})`;
  return codedError("VM_ON_TERMINAL", `${name} runs on a terminal${by}`, {
    hint: `There Ctrl-A C is QEMU's monitor, and Ctrl-A X ends it. vm start ${quoteShell(name)} runs it in the background.`,
  });
}

/** All guests of the host's directory of VMs that run in the background. */
export function backgroundGuests(host: Host): RunningGuest[] {
  return listRunningGuests(host.env, { home: vmHome(host) }).filter(isInBackground);
}

function notFound(name: string, home: string, host: Host): Error {
  const known = [...listVms(home), ...backgroundGuests(host).map((guest) => guest.name)];
  const near = nearestName(name, known);
  return codedError(
    "VM_NOT_FOUND",
    `there is no VM ${JSON.stringify(name)}, and no guest of that name runs`,
    {
      hint: near === undefined ? "vm list shows them." : `Did you mean ${near}?`,
    },
  );
}

/** How a guest was started; undefined where its entry does not say it. */
export function orderOf({ order }: RunningGuest): GuestOrder | undefined {
  return isOrder(order) ? order : undefined;
}

function isOrder(value: unknown): value is GuestOrder {
  return (
    typeof value === "object" &&
    value !== null &&
    ["run", "name", "cwd", "command"].every((key) => key in value)
  );
}
