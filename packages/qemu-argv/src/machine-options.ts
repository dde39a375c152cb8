import { checkMemory } from "./memory-size.js";
import type { Property, PropertyOption, SwitchOption, ValueOption } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** A flag that stands alone: `switchOption("nodefaults")`, `switchOption("no-reboot")`. */
export function switchOption(flag: string): SwitchOption {
  return { flag };
}

/** `-machine q35,hpet=off`. */
export function machine(type: string, props: readonly Property[] = []): PropertyOption {
  return { flag: "machine", head: type, props };
}

/** `-accel tcg,thread=multi`. QEMU tries several such options in order. */
export function accelerator(name: string, props: readonly Property[] = []): PropertyOption {
  return { flag: "accel", head: name, props };
}

/** `-cpu max,pmu=off`. A comma in a value cannot be written and throws when rendered. */
export function cpu(model: string, features: readonly Property[] = []): PropertyOption {
  return { flag: "cpu", head: model, props: features };
}

/** `-smp 4`, with the topology as properties where it matters: `smp(4, [["sockets", "2"]])`. */
export function smp(cpus: number, topology: readonly Property[] = []): PropertyOption {
  if (!Number.isInteger(cpus) || cpus < 1) {
    throw qemuArgvError(
      "QEMU_VALUE_INVALID",
      `-smp: expected a whole number of CPUs, 1 or more, found ${cpus}.`,
    );
  }
  return { flag: "smp", head: String(cpus), props: topology };
}

/** `-m 2G`. A number means MiB; a text is a size as QEMU writes it (`2G`, `1.5G`, `512`). */
export function memory(size: number | string): PropertyOption {
  return { flag: "m", head: checkMemory(size), props: [] };
}

/** `-kernel PATH`. */
export function kernel(path: string): ValueOption {
  return { flag: "kernel", value: path };
}

/** `-initrd PATH`. */
export function initrd(path: string): ValueOption {
  return { flag: "initrd", value: path };
}

/** `-append TEXT`; `renderKernelCmdline` makes the text. */
export function append(text: string): ValueOption {
  return { flag: "append", value: text };
}

/** `-device virtio-rng-pci,id=rng0`. */
export function device(driver: string, props: readonly Property[] = []): PropertyOption {
  return { flag: "device", head: driver, props };
}

/** `-object rng-random,id=rng0,filename=/dev/urandom`. */
export function object(type: string, props: readonly Property[]): PropertyOption {
  return { flag: "object", head: type, props };
}

/** `-display none`. */
export function display(type: string, props: readonly Property[] = []): PropertyOption {
  return { flag: "display", head: type, props };
}
