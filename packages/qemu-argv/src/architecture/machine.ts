import { machine } from "../machine-options.js";
import { findOptions, optionProperty } from "../option-query.js";
import type { PropertyOption, QemuOption } from "../option.js";
import type { VirtioBus } from "./facts.js";
import { architectureNamed } from "./lookup.js";

/** The `-machine` of an architecture; undefined where QEMU's own choice must do. */
export function machineOf(arch: string): PropertyOption | undefined {
  const facts = architectureNamed(arch);
  return facts === undefined ? undefined : machine(facts.machine.type, facts.machine.props);
}

/**
 * The `-machine` that options lack: none where they name a type, or where QEMU takes a good one by itself. Their other
 * properties of `-machine` (`accel=`) stay: QEMU adds them up.
 */
export function missingMachine(arch: string, options: readonly QemuOption[]): PropertyOption[] {
  const missing = machineOf(arch);
  if (missing === undefined || architectureNamed(arch)?.machineByDefault === "yes") return [];
  const named = findOptions(options, { flag: "machine" }).some(
    (option) => optionProperty(option, "type") !== undefined,
  );
  return named ? [] : [missing];
}

/** The bus of an architecture's virtio devices. */
export function virtioBusOf(arch: string): VirtioBus {
  return architectureNamed(arch)?.virtioBus ?? "pci";
}
