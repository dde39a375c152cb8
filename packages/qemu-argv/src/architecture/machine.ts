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

/** The machines of a PC that have PCI. Source: `qemu-system-x86_64 -machine help`. */
const PC = /^(?:q35|pc|pc-(?:q35|i440fx)-.+)$/;

/**
 * How a virtio device reaches the machine that options describe: the end of its driver's name (`virtio-net-pci`). Undefined for a machine
 * that has no virtio (`isapc`, `none`, a board), and for one of which nothing is known.
 */
export function virtioTransportOf(
  arch: string,
  options: readonly QemuOption[],
): VirtioBus | "device" | undefined {
  const facts = architectureNamed(arch);
  if (facts === undefined) return undefined;
  const types = findOptions(options, { flag: "machine" }).map((option) => optionProperty(option, "type"));
  const type = types.findLast((given) => given !== undefined) ?? facts.machine.type;
  const isPc = facts.qemu === "x86_64" || facts.qemu === "i386";
  if (isPc && type === "microvm") return "device";
  const isOwn = isPc
    ? PC.test(type)
    : type === facts.machine.type || type.startsWith(`${facts.machine.type}-`);
  return isOwn ? facts.virtioBus : undefined;
}
