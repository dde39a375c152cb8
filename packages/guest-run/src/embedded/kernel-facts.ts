import { readRegularText } from "@vm/host-files";
import { virtioBusOf, type VirtioBus } from "@vm/qemu-argv";
import type { ShareWay } from "../share/host-share.js";
import { NODE_OPTIONS } from "./device-nodes.js";
import type { EmbeddedGuest } from "./guest.js";
import { MOUNT_OPTIONS } from "./mounts.js";

/** Options of a kernel by full name, as `.config` writes them (`y`, `m`, `"text"`); absent: not set. */
export type KernelOptions = { readonly [option: string]: string };

/** An option of the kernel that the embedded guest can not do without, built in: no module can be loaded before the root. */
export interface KernelRequirement {
  readonly option: string;
  /** The end of `the kernel needs it for ...`. */
  readonly purpose: string;
}

const SHARE_REQUIREMENTS: { readonly [way in ShareWay["kind"]]: readonly KernelRequirement[] } = {
  "9p": [
    { option: "CONFIG_NET_9P", purpose: "the root file system, over 9p" },
    { option: "CONFIG_NET_9P_VIRTIO", purpose: "the root file system, over 9p" },
    { option: "CONFIG_9P_FS", purpose: "the root file system, over 9p" },
  ],
  virtiofs: [
    { option: "CONFIG_FUSE_FS", purpose: "the root file system, over virtiofs" },
    { option: "CONFIG_VIRTIO_FS", purpose: "the root file system, over virtiofs" },
  ],
};

const REQUIREMENTS: readonly KernelRequirement[] = [
  { option: "CONFIG_BINFMT_ELF", purpose: "programs" },
  { option: "CONFIG_VIRTIO_PCI", purpose: "virtio devices" },
  { option: "CONFIG_VIRTIO_CONSOLE", purpose: "the command's input, output and status" },
  { option: "CONFIG_DEVTMPFS", purpose: "/dev" },
  { option: "CONFIG_TMPFS", purpose: "what the guest writes" },
  { option: "CONFIG_OVERLAY_FS", purpose: "what the guest writes" },
  { option: "CONFIG_PROC_FS", purpose: "/proc" },
  { option: "CONFIG_SYSFS", purpose: "/sys" },
];

/** What makes the guest better, or its start faster, when the kernel has it. */
const WISHES = ["CONFIG_PVH", "CONFIG_IP_PNP", "CONFIG_VIRTIO_NET", ...MOUNT_OPTIONS, ...NODE_OPTIONS];

/**
 * The options of `.config` that the embedded guest looks at.
 *
 * @throws the file system's error when the file can not be read
 */
export function readEmbeddedOptions(configFile: string): KernelOptions {
  const required = [...REQUIREMENTS, ...Object.values(SHARE_REQUIREMENTS).flat()];
  const names = [...required.map(({ option }) => option), ...WISHES].map((option) => option.slice(7));
  const lines = readRegularText(configFile, { encoding: "latin1" }).matchAll(
    new RegExp(`^(CONFIG_(?:${names.join("|")}))=(.*)$`, "gm"),
  );
  return Object.fromEntries([...lines].map(([, option, value]) => [option, value]));
}

/** What the kernel lacks to be the embedded guest's. With an initramfs a driver may be a module. */
function missingRequirements(
  options: KernelOptions,
  {
    bus,
    drivers,
    way,
  }: {
    readonly bus: VirtioBus;
    readonly drivers: "built-in" | "built-in or modules";
    readonly way: ShareWay["kind"];
  },
): KernelRequirement[] {
  return [...REQUIREMENTS, ...SHARE_REQUIREMENTS[way]].filter(({ option }) => {
    if (option === "CONFIG_VIRTIO_PCI" && bus !== "pci") return false;
    const value = options[option];
    return value !== "y" && !(value === "m" && drivers === "built-in or modules");
  });
}

/** One sentence on what the kernel lacks by its `.config`, or null. */
export function missingFromKernel({ kernel, share }: EmbeddedGuest): string | null {
  const { arch, configFile, initrd } = kernel;
  if (configFile === undefined) return null;
  const options = readEmbeddedOptions(configFile);
  const missing = missingRequirements(options, {
    bus: virtioBusOf(arch),
    drivers: initrd === undefined ? "built-in" : "built-in or modules",
    way: share?.kind ?? "9p",
  });
  if (missing.length === 0) return null;
  const list = missing.map(({ option, purpose }) =>
    options[option] === "m" ? `${option}=y, not m (${purpose})` : `${option}=y (${purpose})`,
  );
  return `The kernel can not be an embedded guest's: it needs ${list.join(", ")}.`;
}
