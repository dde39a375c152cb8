import type { Architecture } from "../architecture.js";
import { consoleOptions, transportOf } from "./architecture-needs.js";
import type { BuildWarning, KernelBuild } from "../kernel-build.js";

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
export type ShareWay = "9p" | "virtiofs";

export interface CheckOptions {
  /** Default: `9p`. */
  readonly share?: ShareWay;
  /** The initramfs that the kernel is started with, if any: a driver may then be a module that it brings along. */
  readonly initramfs?: string;
}

/**
 * Looks for what will go wrong in the guest, before it boots: options of `.config` that the features of this run need
 * and that are not set, or are modules where nothing can load a module yet; modules that the kernel will refuse;
 * releases in which 9p does not work. Pure: the values were read by `resolveKernel`.
 */
export function checkConfig(
  build: Pick<KernelBuild, "arch" | "modules" | "options" | "release">,
  features: readonly Feature[],
  { initramfs, share = "9p" }: CheckOptions = {},
): BuildWarning[] {
  const asked = features.filter((feature) => feature !== "modules" || build.modules !== "unsupported");
  const needs = asked.flatMap((feature) => requirementsOf(feature, build.arch, share));
  const seen = new Set<string>();
  const warnings: BuildWarning[] = [];
  for (const requirement of needs) {
    const { option, early } = requirement;
    if (seen.has(option)) continue;
    seen.add(option);
    const value = build.options[option];
    if (value === "y" || (value === "m" && (initramfs !== undefined || early === undefined))) continue;
    warnings.push(missing(requirement, value));
  }
  if (asked.includes("modules") && build.options["CONFIG_MODULE_SIG_FORCE"] === "y")
    warnings.push(signaturesForced);
  const shares = asked.includes("modules") || asked.includes("embedded");
  if (shares && share === "9p" && isBroken9p(build.release)) warnings.push(broken9p(build));
  return warnings;
}

/** One option that a feature needs. */
export interface Requirement {
  /** The full name: `CONFIG_NET_9P`. */
  readonly option: string;
  /** What the option is for, as the end of `the kernel needs it for ...`. */
  readonly purpose: string;
  /** Needed before any module can be loaded. */
  readonly early?: true;
  /** What a person sets to have it, where that is another option. */
  readonly set?: string;
  /** The fragment in configs/ that has it; default: `qemu`. */
  readonly fragment?: string;
}

/** The options that each way of sharing files needs. */
export const shareOptions: { readonly [way in ShareWay]: readonly string[] } = {
  "9p": ["CONFIG_NET_9P", "CONFIG_NET_9P_VIRTIO", "CONFIG_9P_FS"],
  virtiofs: ["CONFIG_FUSE_FS", "CONFIG_VIRTIO_FS"],
};

function shareRequirements(way: ShareWay): Requirement[] {
  const purpose = `the shares of files from the host (${way})`;
  return shareOptions[way].map((option) => ({ option, purpose, early: true }));
}

/** The options that a feature needs, where files are shared in this way: the one table of them. */
export function requirementsOf(
  feature: Feature,
  arch: Architecture,
  share: ShareWay = "9p",
): readonly Requirement[] {
  const transport = transportOf(arch);
  switch (feature) {
    case "console": {
      const option = consoleOptions[arch];
      return option === undefined
        ? []
        : [{ option, purpose: "its messages on the serial console", early: true }];
    }
    case "disk":
      return [...transport, { option: "CONFIG_VIRTIO_BLK", purpose: "the root disk", early: true }];
    case "modules":
      return [
        ...transport,
        ...shareRequirements(share),
        { option: "CONFIG_TMPFS", purpose: "the guest's /lib/modules", early: true },
      ];
    case "embedded":
      return [
        ...requirementsOf("modules", arch, share),
        { option: "CONFIG_BLK_DEV_INITRD", purpose: "starting the embedded guest", early: true },
        { option: "CONFIG_BINFMT_ELF", purpose: "starting any program", early: true },
        { option: "CONFIG_BINFMT_SCRIPT", purpose: "the embedded guest's init, a shell script", early: true },
        { option: "CONFIG_DEVTMPFS", purpose: "the embedded guest's /dev", early: true },
        { option: "CONFIG_OVERLAY_FS", purpose: "the embedded guest's writable root", early: true },
      ];
    case "command":
      return [
        ...transport,
        { option: "CONFIG_VIRTIO_CONSOLE", purpose: "the command's input, output and status", early: true },
      ];
    case "network":
      return [
        ...transport,
        { option: "CONFIG_INET", purpose: "TCP/IP" },
        { option: "CONFIG_VIRTIO_NET", purpose: "the network card" },
      ];
    case "virtiofs":
      return [...transport, ...shareRequirements("virtiofs")];
    case "vsock":
      return [
        ...transport,
        { option: "CONFIG_VSOCKETS", purpose: "sockets between host and guest (vsock)", fragment: "vsock" },
        {
          option: "CONFIG_VIRTIO_VSOCKETS",
          purpose: "sockets between host and guest (vsock)",
          fragment: "vsock",
        },
      ];
    case "dump":
    case "gdb":
    case "trace":
      return debugRequirements[feature];
    default:
      return feature satisfies never;
  }
}

const debugRequirements: { readonly [feature in "dump" | "gdb" | "trace"]: readonly Requirement[] } = {
  dump: [
    { option: "CONFIG_FW_CFG_SYSFS", purpose: "the note that makes a dump readable (vmcoreinfo)" },
    { option: "CONFIG_PROC_KCORE", purpose: "the note that makes a dump readable (vmcoreinfo)" },
  ],
  gdb: [
    {
      option: "CONFIG_DEBUG_INFO",
      purpose: "types, variables and lines in gdb",
      set: "CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT",
      fragment: "gdb",
    },
  ],
  trace: [
    {
      option: "CONFIG_EVENT_TRACING",
      purpose: "tracing events",
      set: "CONFIG_FTRACE and CONFIG_FUNCTION_TRACER",
      fragment: "trace",
    },
  ],
};

/** Every option that the checks ask about: `resolveKernel` reads these from `.config` in its one pass. */
export const checkedOptions: readonly string[] = [
  ...new Set([
    ...allFeatures.flatMap((feature) =>
      (["x86_64", "aarch64", "s390x"] as const).flatMap((arch) =>
        requirementsOf(feature, arch).map(({ option }) => option),
      ),
    ),
    ...Object.values(consoleOptions),
    "CONFIG_MODULE_SIG_FORCE",
  ]),
];

function missing(
  { option, purpose, set, fragment = "qemu" }: Requirement,
  value: string | undefined,
): BuildWarning {
  if (value === "m") {
    const message = `${option} is a module, and nothing can load it early enough: the kernel needs it for ${purpose}`;
    return { code: "CONFIG_IS_MODULE", option, message, hint: `Set ${option}=y.`, fragment };
  }
  const message = `${option} is not set: the kernel needs it for ${purpose}`;
  const how = set === undefined ? `Set ${option}=y` : `It comes with ${set}`;
  return {
    code: "CONFIG_NOT_SET",
    option,
    message,
    hint: `${how}: \`vm kconfig merge ${fragment}\` sets all that is needed.`,
    fragment,
  };
}

const signaturesForced: BuildWarning = {
  code: "MODULE_SIGNATURES_FORCED",
  option: "CONFIG_MODULE_SIG_FORCE",
  message:
    "CONFIG_MODULE_SIG_FORCE is set: the kernel will refuse the modules, which are signed only by `make modules_install`",
  hint: "Unset CONFIG_MODULE_SIG_FORCE.",
};

/** Linux 6.9, 6.10 and 6.11, release candidates included. */
export function isBroken9p(release: string): boolean {
  return /^6\.(?:9|10|11)(?:\D|$)/.test(release);
}

function broken9p({ release, options }: Pick<KernelBuild, "release" | "options">): BuildWarning {
  const message = `9p is known to be broken in Linux 6.9 to 6.11, and this is ${release}: files from the host may be read wrongly`;
  const lacking = shareOptions.virtiofs.filter((option) => options[option] === undefined);
  return {
    code: "NINE_P_BROKEN",
    message,
    hint:
      lacking.length === 0
        ? "The kernel has virtiofs: use --share virtiofs, with virtiofsd on this host."
        : `Set ${lacking.map((option) => `${option}=y`).join(" and ")} for virtiofs, or use another release.`,
  };
}
