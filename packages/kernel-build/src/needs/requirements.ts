import { findArchitecture, knownArchitectures } from "@vm/architectures";
import { virtioBusOf } from "@vm/qemu-argv";
import {
  driverOptions,
  initramfsOptions,
  transportOptions,
  type Driver,
  type DriverOption,
} from "./driver-options.js";

/**
 * What a run asks of the kernel: its messages on the serial console; a root on a virtio disk; the host's modules; the
 * embedded guest (the host's root, an overlay on top); a command whose input, output and status go through virtio ports;
 * a network card; files from the host over virtiofs in the place of 9p; sockets between host and guest;
 * a dump of its memory that tools can read; its types and lines in gdb; its events on the console.
 */
export type Feature =
  | "console"
  | "disk"
  | "modules"
  | "embedded"
  | "command"
  | "network"
  | "virtiofs"
  | "vsock"
  | "dump"
  | "gdb"
  | "trace";

/** Every feature, in the order in which a person looks for them. */
export const allFeatures: readonly Feature[] = [
  "console",
  "disk",
  "embedded",
  "modules",
  "command",
  "network",
  "virtiofs",
  "vsock",
  "dump",
  "gdb",
  "trace",
];

/** How the guest sees files of the host: the modules, and the embedded guest's root. */
export type ShareKind = "9p" | "virtiofs";

/** One option that a feature needs. */
export interface Requirement extends DriverOption {
  /** What the option is for, as the end of `the kernel needs it for ...`. */
  readonly purpose: string;
  /** Needed before any module can be loaded from the guest's root. */
  readonly early?: true;
  /** What a person sets to have it, where that is something else; in older kernels than `since` it is the option itself. */
  readonly set?: { readonly options: string; readonly since?: string };
  /** The fragment in configs/ that has it; default: `qemu`. */
  readonly fragment?: string;
}

/** The options that each way of sharing files needs. */
export const shareOptions: { readonly [kind in ShareKind]: readonly string[] } = {
  "9p": driverOptions["9p"].map(({ option }) => option),
  virtiofs: driverOptions.virtiofs.map(({ option }) => option),
};

/** The options of drivers that the guest's root waits for. */
function drivers(purpose: string, ...names: readonly Driver[]): Requirement[] {
  return names.flatMap((name) => driverOptions[name].map((found) => ({ ...found, purpose, early: true })));
}

/** An option of the kernel itself, which can only be built in. */
function builtIn(option: string, purpose: string): Requirement {
  return { option, module: null, purpose, early: true };
}

function transportOf(arch: string): Requirement[] {
  return transportOptions(virtioBusOf(arch), arch).map((found) => ({
    ...found,
    purpose: "every virtio device",
    early: true,
  }));
}

function shareRequirements(kind: ShareKind): Requirement[] {
  return drivers(`the shares of files from the host (${kind})`, kind);
}

/** A module of it can be loaded from the guest's root. */
function late(found: DriverOption, purpose: string): Requirement {
  return { ...found, purpose };
}

/** What each feature needs on every architecture, besides what its devices are reached by and its files are shared with. */
const ownRequirements: { readonly [feature in Feature]: readonly Requirement[] } = {
  console: [],
  disk: drivers("the root disk", "virtio-blk"),
  modules: [builtIn("CONFIG_TMPFS", "what the guest writes, and its /lib/modules")],
  embedded: [
    builtIn("CONFIG_BINFMT_ELF", "programs"),
    builtIn("CONFIG_DEVTMPFS", "the embedded guest's /dev"),
    builtIn("CONFIG_PROC_FS", "the embedded guest's /proc"),
    builtIn("CONFIG_SYSFS", "the embedded guest's /sys"),
    ...drivers("the embedded guest's writable root", "overlay"),
  ],
  command: drivers("the command's input, output and status", "virtio-console"),
  network: [
    late({ option: "CONFIG_INET", module: null }, "TCP/IP"),
    ...driverOptions["virtio-net"].map((found) => late(found, "the network card")),
  ],
  virtiofs: [],
  vsock: driverOptions.vsock.map((found) => ({
    ...late(found, "sockets between host and guest (vsock)"),
    fragment: "vsock",
  })),
  dump: [...driverOptions["fw-cfg"], { option: "CONFIG_PROC_KCORE", module: null }].map((found) =>
    late(found, "the note that makes a dump readable (vmcoreinfo)"),
  ),
  gdb: [
    {
      ...late({ option: "CONFIG_DEBUG_INFO", module: null }, "types, variables and lines in gdb"),
      set: { options: "CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT", since: "5.18" },
      fragment: "gdb",
    },
  ],
  trace: [
    {
      ...late({ option: "CONFIG_EVENT_TRACING", module: null }, "tracing events"),
      set: { options: "CONFIG_FTRACE and CONFIG_FUNCTION_TRACER" },
      fragment: "trace",
    },
  ],
};

/**
 * The options that a feature needs, where files are shared in this way. It is the one table of them: the warnings before a boot, the refusal of
 * the embedded guest, and the checks of `vm kconfig` are made from it; what an initramfs brings along, from the drivers that it stands on.
 *
 * @param arch this project's name of an architecture
 */
export function requirementsOf(
  feature: Feature,
  arch: string,
  share: ShareKind = "9p",
): readonly Requirement[] {
  const own = ownRequirements[feature];
  switch (feature) {
    case "console": {
      const option = findArchitecture(arch)?.consoleOption ?? null;
      return option === null ? [] : [builtIn(option, "its messages on the serial console")];
    }
    case "modules":
      return [...transportOf(arch), ...shareRequirements(share), ...own];
    case "embedded":
      return [...requirementsOf("modules", arch, share), ...own];
    case "virtiofs":
      return [...transportOf(arch), ...shareRequirements("virtiofs")];
    case "disk":
    case "command":
    case "network":
    case "vsock":
      return [...transportOf(arch), ...own];
    case "dump":
    case "gdb":
    case "trace":
      return own;
    default:
      return feature satisfies never;
  }
}

/**
 * The options of all features, on any architecture and with either share. They are put together from the tables, not by asking
 * `requirementsOf` for each combination: every start of a kernel needs them, and that took 5 ms.
 */
export function requiredOptions(): string[] {
  return [
    ...knownArchitectures.flatMap(({ consoleOption }) => consoleOption ?? []),
    ...knownArchitectures.flatMap(({ name }) => transportOf(name).map(({ option }) => option)),
    ...Object.values(shareOptions).flat(),
    ...Object.values(ownRequirements).flatMap((own) => own.map(({ option }) => option)),
  ];
}

/** What starting from an initramfs takes. `own`: from one that has a script as its init, as vm makes them. */
export function initramfsRequirements(origin: "own" | "given"): readonly Requirement[] {
  const [given, ...own] = initramfsOptions.map(({ option }) => builtIn(option, "starting from an initramfs"));
  return [...(given === undefined ? [] : [given]), ...(origin === "own" ? own : [])];
}
