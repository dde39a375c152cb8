import { codedError, quoteShell } from "@vm/command-plan";
import { loadConfig, readVmLock, type RunDebug } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";

/** A VM that runs, and how its guest can be looked at. */
export interface RunningVm {
  readonly directory: string;
  /** Its command, as it was typed. */
  readonly command: readonly string[];
  readonly debug: Partial<RunDebug>;
}

/** Finds the run of a VM. @throws `VM_NOT_RUNNING`, and what `loadConfig` throws */
export async function findRunningVm(name: string, host: Host): Promise<RunningVm> {
  const { directory } = await loadConfig({ home: vmHome(host), name });
  const state = readVmLock(directory);
  if (!state.running) {
    throw codedError("VM_NOT_RUNNING", `${name} is not running`, {
      hint: `Start it so that it can be looked at: vm run ${quoteShell(name)} -k KERNEL --gdb --dump FILE`,
    });
  }
  return { directory, command: state.command ?? ["vm", "run", name], debug: state.debug ?? {} };
}
