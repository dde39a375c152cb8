import { codedError } from "@vm/command-plan";
import {
  hasOption,
  matchesOption,
  optionProperty,
  parseSize,
  renderArgv,
  renderOption,
  requestedAccelerators,
  requestedBoot,
  requestedProperty,
  type Property,
  type QemuOption,
} from "@vm/qemu-argv";
import { implicitConsole, placeSerials } from "./consoles.js";
import { isDisk, placeDisks } from "./disks.js";
import { isNetwork, placeNetworks } from "./interfaces.js";
import { saysOnly, verbatim, type Place } from "./place.js";
import { placeCpu, placeProcessors } from "./processors.js";
import { hasSlots, withSlots } from "./slots.js";
import { renderXml, type Element } from "./xml.js";

/** A machine, with all that QEMU is told of it. */
export interface MachineFacts {
  readonly name: string;
  /** QEMU's name of its architecture. */
  readonly arch: string;
  /** QEMU's absolute path. */
  readonly qemu: string;
  /** In QEMU's order, with absolute paths. */
  readonly options: readonly QemuOption[];
  /** Stable: a second `virsh define` then means the same domain. `-uuid` comes before it. */
  readonly uuid: string;
  readonly macAddress: (index: number) => string;
}

export interface Domain {
  /** A document for `virsh define`. */
  readonly xml: string;
  /** What XML has no word for; libvirt hands it to QEMU as it stands, behind its own options. */
  readonly commandLine: readonly QemuOption[];
  /** What is not the same under libvirt, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * A machine as libvirt's domain. Pure.
 *
 * @throws `LIBVIRT_UNWRITABLE`, `LIBVIRT_NO_WORD`
 * Source: libvirt.org/formatdomain.html, libvirt.org/drvqemu.html
 */
export function renderDomain(facts: MachineFacts): Domain {
  const { options } = facts;
  const machine = requestedProperty(options, "machine", "type") ?? "pc";
  const disks = options.filter(isDisk);
  const special: ReadonlyMap<QemuOption, Place> = new Map([
    ...(hasSlots(machine)
      ? [
          ...placeDisks(disks, {
            form: ["boot", "snapshot"].some((flag) => hasOption(options, { flag }))
              ? "as they stand"
              : "as XML",
          }),
          ...placeNetworks(options.filter(isNetwork), facts.macAddress),
        ]
      : // Elsewhere libvirt's addresses would be those that QEMU gives to the others.
        options.filter(isDevice).map((option) => [option, verbatim(option)] as const)),
    ...placeSerials(options),
  ]);
  const { vcpu, topology } = placeProcessors(options);
  const cpu = placeCpu(options, topology);
  const places = options.map((option) => special.get(option) ?? placeOption(option));
  const hasOwnDisk = disks.some((option) => (special.get(option)?.rest ?? []).length > 0);
  const commandLine: QemuOption[] = [
    ...places.flatMap(({ rest = [] }) => rest),
    ...cpu.rest,
    // libvirt has QEMU boot from its own disks only.
    ...(hasOwnDisk ? [{ flag: "boot", props: [["strict", "off"]] } as const] : []),
    ...(isArm(facts) ? [{ flag: "machine", props: [["acpi", "auto"]] } as const] : []),
  ];
  const devices = [...places.flatMap(({ devices: own = [] }) => own), ...implicitConsole(options)];
  const features = [
    ...(isX86(facts) ? [{ name: "acpi" }] : []),
    ...places.flatMap(({ features: own = [] }) => own),
  ];
  const boot = requestedBoot(options);
  const document: Element = {
    name: "domain",
    attributes: {
      type: accelerator(options),
      "xmlns:qemu": "http://libvirt.org/schemas/domain/qemu/1.0",
    },
    content: [
      { name: "name", content: facts.name },
      { name: "uuid", content: uuid(facts) },
      { name: "memory", attributes: { unit: "b" }, content: memoryBytes(options) },
      vcpu,
      {
        name: "os",
        content: [
          {
            name: "type",
            attributes: { arch: archNames[facts.arch] ?? facts.arch, machine },
            content: "hvm",
          },
          ...(boot.kernel === undefined ? [] : [{ name: "kernel", content: boot.kernel }]),
          ...(boot.initrd === undefined ? [] : [{ name: "initrd", content: boot.initrd }]),
          ...(boot.append === undefined ? [] : [{ name: "cmdline", content: boot.append }]),
        ],
      },
      ...(features.length === 0 ? [] : [{ name: "features", content: unique(features) }]),
      cpu.element,
      { name: "clock", attributes: { offset: "utc" } },
      { name: "on_poweroff", content: "destroy" },
      { name: "on_reboot", content: hasOption(options, { flag: "no-reboot" }) ? "destroy" : "restart" },
      { name: "on_crash", content: "destroy" },
      {
        name: "devices",
        content: [
          { name: "emulator", content: facts.qemu },
          ...withSlots(devices),
          // Nothing but what the machine has: these libvirt would add by itself.
          { name: "controller", attributes: { type: "usb", model: "none" } },
          { name: "memballoon", attributes: { model: "none" } },
        ],
      },
      ...commandLineElement(commandLine),
    ],
  };
  return { xml: renderXml(document), commandLine, notes: notesOf(facts, places) };
}

/** Where an option goes that is no disk, network or serial line. */
function placeOption(option: QemuOption): Place {
  if ("image" in option) return verbatim(option);
  const is = (flag: string): boolean => matchesOption(option, { flag });
  if (is("m")) return saysOnly(option, "size", ["size"]) ? {} : verbatim(option);
  // Read elsewhere: processors, kernel, on_reboot, uuid. libvirt itself says -nodefaults.
  if (["smp", "cpu", "kernel", "initrd", "append", "no-reboot", "nodefaults", "uuid", "nographic"].some(is))
    return {};
  // libvirt names the accelerator by itself; two of them would be two tries.
  if (is("accel")) return placeAccelerator(option);
  if (["enable-kvm", "no-kvm"].some(is)) return {};
  if (is("machine")) return placeMachine(option);
  if (is("display") && saysOnly(option, "type", ["type"]) && optionProperty(option, "type") === "none")
    return {};
  if (is("virtfs")) return placeShare(option);
  if (is("device")) return placeDevice(option);
  if (is("S")) return { note: "-S is libvirt's: virsh start --paused" };
  if (is("daemonize")) return { note: "-daemonize is libvirt's" };
  if (["monitor", "qmp", "qmp-pretty"].some(is) && "value" in option && option.value === "stdio")
    return { note: `-${option.flag} stdio has no terminal: virsh qemu-monitor-command asks QEMU` };
  if (is("numa") && optionProperty(option, "memdev") !== undefined) {
    throw codedError(
      "LIBVIRT_NO_WORD",
      `${inWords(option)}: libvirt names the memory itself, and QEMU takes only one of both`,
      { hint: "Leave it out of vm.mjs, and describe the nodes in the domain: <numa> in <cpu>." },
    );
  }
  if (isOnTerminal(option)) {
    return {
      ...verbatim(option),
      note: `${inWords(option)} has no terminal: what it says is in the domain's log, and nothing can be said to it`,
    };
  }
  return verbatim(option);
}

/** What is on QEMU's own standard input and output, but for serial lines and monitors, which have a place of their own. */
function isOnTerminal(option: QemuOption): boolean {
  if ("value" in option) return ["stdio", "mon:stdio"].includes(option.value);
  return matchesOption(option, { flag: "chardev" }) && optionProperty(option, "backend") === "stdio";
}

function placeAccelerator(option: QemuOption): Place {
  if (saysOnly(option, "accel", ["accel"])) return {};
  return { note: `libvirt writes -accel itself, and has no word for the properties of ${inWords(option)}` };
}

/** The type and the accelerator are XML's; what QEMU boots is, too. */
function placeMachine(option: QemuOption): Place {
  if (!("props" in option)) return verbatim(option);
  const inXml = ["type", "accel", "kernel", "initrd", "append"];
  const props: readonly Property[] = option.props.filter(([key]) => !inXml.includes(key));
  return props.length === 0 ? {} : { rest: [{ flag: "machine", props }] };
}

/** By the security model of 9p. */
const accessModes: Readonly<Record<string, string>> = {
  none: "squash",
  passthrough: "passthrough",
  mapped: "mapped",
  "mapped-xattr": "mapped",
};

function placeShare(option: QemuOption): Place {
  const of = (key: string): string | undefined => optionProperty(option, key);
  const keys = ["fsdriver", "id", "path", "mount_tag", "security_model", "readonly", "multidevs"];
  const mode = accessModes[of("security_model") ?? ""];
  const [path, tag, multidevs, readonly = "off"] = [
    of("path"),
    of("mount_tag"),
    of("multidevs"),
    of("readonly"),
  ];
  const isPlain =
    saysOnly(option, "fsdriver", keys) &&
    of("fsdriver") === "local" &&
    ["on", "off"].includes(readonly) &&
    (multidevs === undefined || ["forbid", "remap", "warn"].includes(multidevs));
  if (!isPlain || mode === undefined || path?.startsWith("/") !== true || tag === undefined)
    return verbatim(option);
  return {
    devices: [
      {
        name: "filesystem",
        attributes: {
          type: "mount",
          accessmode: mode,
          ...(multidevs === undefined ? {} : { multidevs }),
        },
        content: [
          { name: "driver", attributes: { type: "path" } },
          { name: "source", attributes: { dir: path } },
          { name: "target", attributes: { dir: tag } },
          ...(readonly === "on" ? [{ name: "readonly" }] : []),
        ],
      },
    ],
  };
}

/** What sits on a bus, but for notes to the machine. */
function isDevice(option: QemuOption): boolean {
  if (isDisk(option) || isNetwork(option)) return true;
  const flags = ["device", "virtfs"];
  return (
    flags.some((flag) => matchesOption(option, { flag })) && optionProperty(option, "driver") !== "vmcoreinfo"
  );
}

function placeDevice(option: QemuOption): Place {
  if (!saysOnly(option, "driver", ["driver"])) return verbatim(option);
  switch (optionProperty(option, "driver") ?? "") {
    case "virtio-rng-pci":
      return {
        devices: [
          {
            name: "rng",
            attributes: { model: "virtio" },
            content: [{ name: "backend", attributes: { model: "builtin" } }],
          },
        ],
      };
    case "i6300esb":
      return { devices: [{ name: "watchdog", attributes: { model: "i6300esb", action: "reset" } }] };
    case "vmcoreinfo":
      return { features: [{ name: "vmcoreinfo", attributes: { state: "on" } }] };
    default:
      return verbatim(option);
  }
}

function commandLineElement(options: readonly QemuOption[]): Element[] {
  if (options.length === 0) return [];
  const content = renderArgv(options).map((value) => ({ name: "qemu:arg", attributes: { value } }));
  return [{ name: "qemu:commandline", content }];
}

function notesOf({ name, options }: MachineFacts, places: readonly Place[]): string[] {
  const taken = /^\d+$/.test(name) || /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(name);
  return [
    ...places.flatMap(({ note }) => note ?? []),
    ...(hasOption(options, { flag: "nodefaults" })
      ? []
      : [
          "Without -nodefaults QEMU adds devices (a network, a display, a CD drive); libvirt has none that are not named",
        ]),
    ...(taken ? [`virsh takes "${name}" for the id or uuid of a domain before it takes it for a name`] : []),
  ];
}

/** QEMU's default where none is named. */
function accelerator(options: readonly QemuOption[]): "kvm" | "qemu" {
  const [first = "tcg"] = requestedAccelerators(options);
  if (first === "kvm") return "kvm";
  if (first === "tcg") return "qemu";
  throw codedError("LIBVIRT_NO_WORD", `libvirt has no domain for the accelerator ${JSON.stringify(first)}`, {
    hint: "Take kvm or tcg: VM_ACCEL=tcg, or in vm.mjs.",
  });
}

/** libvirt's names, where they differ from QEMU's. */
const archNames: Readonly<Record<string, string>> = { i386: "i686", arm: "armv7l" };

function isX86({ arch }: MachineFacts): boolean {
  return arch === "x86_64" || arch === "i386";
}

/** There libvirt turns ACPI off where it starts no UEFI by itself. */
function isArm({ arch }: MachineFacts): boolean {
  return arch === "aarch64";
}

function uuid({ uuid: derived, options }: MachineFacts): string {
  const named = options.findLast((option) => matchesOption(option, { flag: "uuid" }));
  return named !== undefined && "value" in named ? named.value : derived;
}

/** QEMU's default is 128 MiB. */
function memoryBytes(options: readonly QemuOption[]): string {
  const size = requestedProperty(options, "m", "size");
  if (size === undefined) return String(128 << 20);
  const bytes = parseSize(size, "M");
  if (bytes === undefined) throw codedError("LIBVIRT_NO_WORD", `-m: ${JSON.stringify(size)} is no size`);
  return String(Math.ceil(bytes));
}

function unique(elements: readonly Element[]): Element[] {
  return elements.filter(({ name }, index) => elements.findIndex((other) => other.name === name) === index);
}

/** An option as it stands on a command line. */
export function inWords(option: QemuOption): string {
  return renderOption(option).join(" ");
}
