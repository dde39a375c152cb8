import {
  append,
  checkKernelCmdlineLength,
  initrd,
  kernel,
  parseKernelParameters,
  renderKernelCmdline,
  requestedBoot,
  type QemuOption,
} from "@vm/qemu-argv";
import { offerShares } from "../share/directory.js";
import { shareMemory, shareOptions, type OfferedShares, type ShareWay } from "../share/host-share.js";

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
  /** How they come to the guest; default: over 9p. */
  readonly share?: ShareWay;
}

/** The shares of the guest's contract: read-only, with the tag for an id. */
export function kernelShares({
  tree,
  modulesIndex,
  share = { kind: "9p" },
}: Pick<HostKernel, "tree" | "modulesIndex" | "share">): OfferedShares {
  const paths = Object.entries({ modules: tree, "modules-index": modulesIndex });
  const shares = paths.flatMap(([tag, path]) =>
    path === undefined
      ? []
      : [{ id: tag, tag, path, access: "read-only", cache: "none", submounts: "flat" } as const],
  );
  return offerShares(share, shares);
}

/**
 * The options that boot `host`'s kernel. `-append` is left out when the person's own options (`userOptions`: the config's and
 * those after `--`) have one: that is the whole command line then.
 *
 * @throws `KERNEL_CMDLINE_INVALID`, `KERNEL_CMDLINE_TOO_LONG`
 */
export function hostKernelOptions(
  host: HostKernel,
  userOptions: readonly QemuOption[],
  shares: OfferedShares,
): QemuOption[] {
  const options: QemuOption[] = [kernel(host.image)];
  if (host.initrd !== undefined) options.push(initrd(host.initrd));
  options.push(...shareOptions(shares, host.arch), ...shareMemory(shares, userOptions, host.arch));
  if (requestedBoot(userOptions).append === undefined) {
    const text = renderKernelCmdline(host.cmdline.flatMap(parseKernelParameters));
    checkKernelCmdlineLength(text, { arch: host.arch });
    if (text !== "") options.push(append(text));
  }
  return options;
}
