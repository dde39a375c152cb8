import {
  device,
  display,
  machineOf,
  memory,
  netdevUser,
  smp,
  switchOption,
  virtioBusOf,
  type QemuOption,
} from "@vm/qemu-argv";
import {
  append,
  checkKernelCmdlineLength,
  initrd,
  kernel as kernelOption,
  requestedBoot,
} from "@vm/qemu-argv";
import { ownBoot } from "../protocol/own-boot.js";
import { channelChardevs, type Channel } from "../protocol/plan.js";
import { commandDevices } from "../protocol/ports.js";
import { checkTakenParameters } from "../protocol/taken-parameters.js";
import { watchedConsole } from "../protocol/watched-console.js";
import { shareMemory, shareOptions, type OfferedShares } from "../share/host-share.js";
import { bootParameters, INIT_PARAMETERS } from "./bootstrap.js";
import type { EmbeddedGuest } from "./guest.js";
import { SYSTEMD_PARAMETERS } from "./systemd.js";

/**
 * QEMU's options for the embedded guest, but accelerator and CPU.
 *
 * @throws `COMMAND_NEEDS_APPEND` or `BOOT_OPTION_TAKEN` when an `-append`, `-kernel` or `-initrd` of the user's would take the
 *   place of ours; `KERNEL_PARAMETER_TAKEN`, `KERNEL_CMDLINE_INVALID`, `KERNEL_CMDLINE_TOO_LONG`
 */
export function embeddedOptions({
  guest,
  image,
  channels,
  kernelNetwork,
  randomization,
  offered,
  execSocket,
}: {
  readonly guest: EmbeddedGuest;
  /** What to boot: the kernel's image, or the vmlinux of the same build. */
  readonly image: string;
  readonly channels: readonly Channel[];
  /** `kernel`: the kernel itself sets the address. */
  readonly kernelNetwork: "kernel" | "none";
  /** `late`: addresses are randomized from the command on. */
  readonly randomization: "kernel" | "late";
  readonly offered: OfferedShares;
  /** Where the port for more commands is reached on the host. */
  readonly execSocket?: string | undefined;
}): QemuOption[] {
  const { kernel, cpus = 1, memory: size = "1G", network = "none" } = guest;
  const { kernelCmdline: userCmdline = "" } = guest;
  const own = requestedBoot(guest.qemuOptions ?? []);
  for (const flag of ["kernel", "initrd", "append"] as const) {
    if (own[flag] !== undefined) throw ownBoot(flag);
  }
  // An unclosed quote of the user's would take in the parameters that follow.
  checkTakenParameters(
    [userCmdline],
    guest.init === "systemd" ? "embedded-systemd" : "embedded",
    kernel.initrd === undefined ? "none" : "own",
  );
  const parameters = [
    bootParameters({ network: kernelNetwork, share: offered.way.kind, arch: kernel.arch, randomization }),
    ...(guest.init === "systemd" ? [SYSTEMD_PARAMETERS] : []),
    ...(userCmdline === "" ? [] : [userCmdline]),
    watchedConsole(kernel.arch),
    INIT_PARAMETERS,
  ].join(" ");
  checkKernelCmdlineLength(parameters, { arch: kernel.arch });
  const machine = machineOf(kernel.arch);
  const bus = virtioBusOf(kernel.arch);
  const options = [
    switchOption("nodefaults"),
    switchOption("no-user-config"),
    switchOption("no-reboot"),
    display("none"),
    ...(machine === undefined ? [] : [machine]),
    memory(size),
    smp(cpus),
    kernelOption(image),
    ...(kernel.initrd === undefined ? [] : [initrd(kernel.initrd)]),
    append(parameters),
    ...shareOptions(offered, kernel.arch),
    ...(network === "none"
      ? []
      : [
          netdevUser({ id: "vm-net", props: network === "isolated" ? [["restrict", "on"]] : [] }),
          device(`virtio-net-${bus}`, [
            ["netdev", "vm-net"],
            // No code to boot from the network, which is a file of another package.
            ...(bus === "pci" ? [["romfile", ""] as const] : []),
          ]),
        ]),
    ...channelChardevs(channels),
    ...commandDevices(channels, kernel.arch, execSocket),
    ...(guest.qemuOptions ?? []),
  ];
  return [...options, ...shareMemory(offered, options, kernel.arch)];
}
