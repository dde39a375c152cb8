import { join } from "node:path";
import { errorCode } from "@vm/command-plan";
import type { QemuOption } from "@vm/qemu-argv";
import { openGuestEntry, type GuestEntry } from "@vm/vm-store";
import { tell, type Host } from "../host.js";
import { warning } from "../notice.js";
import { execOptions } from "../reach/exec-service.js";
import { qmpServer } from "./qmp-server.js";
import { vmHome } from "./vm-config.js";

/** The entry of a VM on this terminal, by which others stop it and get commands into it. */
export interface VmEntry {
  /** What QEMU needs for it. */
  options(this: void, arch: string, userOptions: readonly QemuOption[]): QemuOption[];
  /** QEMU is about to run. @param kernel of the host: its release, or its file */
  started(this: void, kernel: string | undefined): void;
  close(this: void): void;
}

/**
 * Opens it. Nobody has asked for it, so where it cannot be had the VM runs without, and a warning says so; silently where another run of the
 * same VM has it, as of several ephemeral ones only the first is reached by the name.
 */
export function openVmEntry(name: string, host: Host): VmEntry | undefined {
  let entry: GuestEntry;
  const home = vmHome(host);
  try {
    entry = openGuestEntry(
      { name, kind: "vm", home, directory: join(home, name), command: host.command, offers: [] },
      host.env,
    );
  } catch (error) {
    if (errorCode(error) === "GUEST_RUNNING") return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    tell(host, [warning("GUEST_UNREACHABLE", `vm exec and vm stop will not find this guest: ${reason}`)]);
    return undefined;
  }
  let hasExec = false;
  return {
    options(arch, userOptions) {
      const exec = execOptions(entry.socket("exec"), arch, userOptions);
      hasExec = exec.length > 0;
      return [...qmpServer("vm-entry-qmp", entry.socket("qmp")), ...exec];
    },
    started: (kernel) =>
      entry.update({
        offers: hasExec ? ["qmp", "exec"] : ["qmp"],
        ...(kernel === undefined ? {} : { kernel }),
      }),
    close: () => entry.close(),
  };
}
