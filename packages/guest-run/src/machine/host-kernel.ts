import {
  append,
  checkKernelCmdlineLength,
  initrd,
  kernel,
  parseKernelCmdline,
  renderKernelCmdline,
  requestedBoot,
  virtfsShareOn,
  virtioBusOf,
  type QemuOption,
} from "@vm/qemu-argv";

/** A kernel from the host, for QEMU to boot directly. All paths are absolute. */
export interface HostKernel {
  readonly image: string;
  readonly initrd?: string;
  /** QEMU's name of the architecture. */
  readonly arch: string;
  /** Parameters as a person writes them; each string may hold several: `["root=/dev/vda1 rw", "quiet"]`. */
  readonly cmdline: readonly string[];
  /** The build tree that the guest mounts as `modules` (docs/guest-contract.md). */
  readonly tree?: string;
  /** The directory that the guest mounts as `modules-index`. */
  readonly modulesIndex?: string;
}

/** The share of the guest's contract with the tag `tag`: read-only, with the tag for its id. */
function contractShare({ arch }: HostKernel, tag: string, path: string): QemuOption[] {
  return virtfsShareOn(virtioBusOf(arch), {
    id: tag,
    path,
    mountTag: tag,
    access: "read-only",
    multidevs: "remap",
  });
}

/**
 * The options that boot `host`'s kernel. `-append` is left out when the person's own options (`theirs`: the config's and
 * those after `--`) have one: theirs is the whole command line then.
 *
 * @throws `KERNEL_CMDLINE_INVALID`, `KERNEL_CMDLINE_TOO_LONG`
 */
export function hostKernelOptions(host: HostKernel, theirs: readonly QemuOption[]): QemuOption[] {
  const options: QemuOption[] = [kernel(host.image)];
  if (host.initrd !== undefined) options.push(initrd(host.initrd));
  if (host.tree !== undefined) options.push(...contractShare(host, "modules", host.tree));
  if (host.modulesIndex !== undefined) {
    options.push(...contractShare(host, "modules-index", host.modulesIndex));
  }
  if (requestedBoot(theirs).append === undefined) {
    const text = renderKernelCmdline(host.cmdline.flatMap(parseKernelCmdline));
    checkKernelCmdlineLength(text, { arch: host.arch });
    if (text !== "") options.push(append(text));
  }
  return options;
}
