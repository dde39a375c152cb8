import { codedError, quoteShell } from "@vm/command-plan";
import { checkVmName, findRunningGuest, listRunningGuests, type RunningGuest } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";

/** A guest that runs, and takes commands. */
export interface ReachedGuest extends RunningGuest {
  /** The host's socket of its port for commands. */
  readonly execSocket: string;
}

/** Finds it by its name. @throws `VM_NAME_INVALID`, `GUEST_NOT_RUNNING`, `GUEST_UNREACHABLE` */
export function findReachedGuest(name: string, host: Host): ReachedGuest {
  checkVmName(name);
  const home = vmHome(host);
  const guest = findRunningGuest({ home, name }, host.env);
  if (guest === undefined) {
    const others = listRunningGuests(host.env, { home }).map((other) => other.name);
    throw codedError("GUEST_NOT_RUNNING", `no guest named ${name} is running`, {
      hint:
        others.length === 0
          ? `Start one: vm start ${quoteShell(name)}, or a shell: vm run -k KERNEL`
          : `Running: ${others.join(", ")}.`,
    });
  }
  const { exec } = guest.sockets;
  if (exec === undefined) {
    throw codedError(
      "GUEST_UNREACHABLE",
      `${name} runs without a port for commands (${guest.command.join(" ")})`,
      {
        hint: "It was started by something that offers none. End it, and start it with vm start.",
      },
    );
  }
  return { ...guest, execSocket: exec };
}
