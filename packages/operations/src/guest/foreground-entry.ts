import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { checkVmName, openGuestEntry, type GuestEntry } from "@vm/vm-store";
import { tell, type Host } from "../host.js";
import { warning } from "../notice.js";
import type { RunCommandRequest } from "../request/request.js";
import { vmHome } from "./vm-config.js";

/**
 * The entry of a guest that runs on this terminal, by which more commands get into it (`vm exec`, `vm cp`); undefined for a command in an
 * embedded guest that was given no name: thousands of those run in a row.
 *
 * @param kernel its release, or its file
 * @throws `GUEST_RUNNING` when another one runs under the name
 */
export function openForegroundEntry(
  { name, guest, command }: RunCommandRequest,
  kernel: string,
  host: Host,
): GuestEntry | undefined {
  const isVm = guest?.kind === "vm";
  if (!isVm && name === undefined && command?.text !== undefined) return undefined;
  const home = vmHome(host);
  const root = isVm || guest?.root === undefined ? undefined : resolve(host.cwd, guest.root);
  const open = (given: string): GuestEntry =>
    openGuestEntry(
      {
        name: given,
        kind: isVm ? "vm" : "embedded",
        home,
        ...(isVm ? { directory: join(home, given) } : {}),
        ...(root === undefined ? {} : { root }),
        kernel,
        command: host.command,
        offers: ["exec"],
      },
      host.env,
    );
  if (isVm) return openOrTell(() => open(guest.name), host);
  return name === undefined ? openOrTell(() => openUnnamed(open, home), host) : open(name);
}

/** @throws `VM_NAME_INVALID`, `NAME_TAKEN` */
export function checkGuestName(name: string, host: Host): void {
  checkVmName(name);
  const home = vmHome(host);
  if (!existsSync(join(home, name))) return;
  throw codedError("NAME_TAKEN", `${name} is a virtual machine in ${home}`, {
    hint: "Give the guest another name.",
  });
}

/** The first name that nobody has. */
function openUnnamed(open: (name: string) => GuestEntry, home: string): GuestEntry {
  for (let number = 1; ; number++) {
    const name = `guest-${number}`;
    if (existsSync(join(home, name))) continue;
    try {
      return open(name);
    } catch (error) {
      if (errorCode(error) !== "GUEST_RUNNING") throw error;
    }
  }
}

/** Nobody has asked for it: the guest runs without. */
function openOrTell(open: () => GuestEntry, host: Host): GuestEntry | undefined {
  try {
    return open();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell(host, [warning("GUEST_UNREACHABLE", `vm exec will not find this guest: ${reason}`)]);
    return undefined;
  }
}
