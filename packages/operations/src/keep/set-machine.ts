import type { Plan } from "@vm/command-plan";
import { codedError } from "@vm/command-plan";
import { checkCpus, checkMemory, planConfigText, readConfigText, withOption } from "@vm/vm-store";
import type { ChangedVm } from "./change.js";

/** What `vm set` can change. */
export interface MachineChange {
  readonly cpus?: string;
  /** As QEMU writes it: `2G`. */
  readonly memory?: string;
}

/** @throws CPUS_INVALID, MEMORY_INVALID, CONFIG_NOT_EDITABLE */
export function planMachine({ directory }: ChangedVm, { cpus, memory }: MachineChange): Plan {
  if (cpus === undefined && memory === undefined) throw codedError("USAGE", "nothing is to be set");
  if (cpus !== undefined) checkCpus(cpus);
  if (memory !== undefined) checkMemory(memory);
  const before = readConfigText(directory);
  let text = before;
  if (cpus !== undefined) text = withOption(text, ["-smp", cpus]);
  if (memory !== undefined) text = withOption(text, ["-m", memory]);
  return text === before ? [] : planConfigText(directory, text);
}
