import { codedError } from "@vm/command-plan";
import { matchesOption, requestedProperty, type QemuOption } from "@vm/qemu-argv";
import { optionKeys } from "./place.js";
import type { Element } from "./xml.js";

const knownKeys = ["cpus", "maxcpus", "sockets", "dies", "cores", "threads"];

/**
 * `<vcpu>` and `<topology>`. Where a part of the topology is not said it is QEMU's: cores come before sockets (hw/core/machine-smp.c, since
 * QEMU 6.2); libvirt's own default is one socket for each CPU.
 *
 * @throws `LIBVIRT_NO_WORD` for a part that libvirt's own -smp would contradict
 */
export function placeProcessors(options: readonly QemuOption[]): {
  readonly vcpu: Element;
  readonly topology: Element;
} {
  for (const option of options) {
    if (!matchesOption(option, { flag: "smp" })) continue;
    const other = [...(optionKeys(option, "cpus") ?? ["JSON"])].find((key) => !knownKeys.includes(key));
    if (other !== undefined) throw noWord(`-smp: ${other}`);
  }
  const inMachine = options.find(
    (option) =>
      matchesOption(option, { flag: "machine" }) &&
      "props" in option &&
      option.props.some(([key]) => key.startsWith("smp.")),
  );
  if (inMachine !== undefined) throw noWord("-machine smp.");
  const [cpus, maxcpus, sockets, dies = 1, cores, threads] = knownKeys.map((key) =>
    wholeNumber(options, key),
  );
  const ofCores = dies * (cores ?? 1) * (threads ?? 1);
  const most = maxcpus ?? cpus ?? (sockets ?? 1) * ofCores;
  const topology =
    cores === undefined
      ? {
          sockets: sockets ?? 1,
          cores: most / ((sockets ?? 1) * dies * (threads ?? 1)),
          threads: threads ?? 1,
        }
      : sockets === undefined
        ? { sockets: most / ofCores, cores, threads: threads ?? 1 }
        : { sockets, cores, threads: threads ?? most / (sockets * dies * cores) };
  if (Object.values(topology).some((count) => !Number.isInteger(count) || count < 1)) {
    throw codedError(
      "LIBVIRT_NO_WORD",
      `-smp: ${most} CPUs are not what its sockets, cores and threads come to`,
    );
  }
  const now = cpus ?? most;
  const attributes = {
    sockets: String(topology.sockets),
    ...(dies === 1 ? {} : { dies: String(dies) }),
    cores: String(topology.cores),
    threads: String(topology.threads),
  };
  return {
    vcpu: {
      name: "vcpu",
      attributes: now === most ? {} : { current: String(now) },
      content: String(most),
    },
    topology: { name: "topology", attributes },
  };
}

/** `<cpu>`: a model that libvirt knows by another name is left to the command line, where QEMU takes the last. */
export function placeCpu(
  options: readonly QemuOption[],
  topology: Element,
): { readonly element: Element; readonly rest: readonly QemuOption[] } {
  const option = options.findLast((each) => matchesOption(each, { flag: "cpu" }));
  const attributes =
    option !== undefined && "props" in option && option.props.length === 0
      ? modes[option.head ?? ""]
      : undefined;
  return {
    element: {
      name: "cpu",
      ...(attributes === undefined ? {} : { attributes }),
      content: [topology],
    },
    rest: option === undefined || attributes !== undefined ? [] : [option],
  };
}

const modes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  host: { mode: "host-passthrough", check: "none" },
  max: { mode: "maximum", check: "none" },
};

function wholeNumber(options: readonly QemuOption[], key: string): number | undefined {
  const text = requestedProperty(options, "smp", key);
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw codedError("LIBVIRT_NO_WORD", `-smp: ${key}=${JSON.stringify(text)} is no number of CPUs`);
}

function noWord(what: string): Error {
  return codedError("LIBVIRT_NO_WORD", `${what}: libvirt would contradict it with its own topology`, {
    hint: `Say the topology with ${knownKeys.join(", ")} of -smp alone.`,
  });
}
