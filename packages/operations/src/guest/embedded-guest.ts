import {
  checkTakenParameters,
  type AcceleratorRequest,
  type EmbeddedGuest,
  type HostKernel,
} from "@vm/guest-run";
import type { KernelBuild } from "@vm/kernel-build";
import { parseArgv, type QemuOption } from "@vm/qemu-argv";
import { checkTracing, debugFeatures, prepareDebug } from "../debug/debug-settings.js";
import { tell, type Host } from "../host.js";
import { prepareKernel } from "../kernel/prepare-kernel.js";
import type { Mode } from "../mode.js";
import { existingDirectory, existingFile } from "../request/request-error.js";
import type { BootedKernel, EmbeddedGuestSettings, MachineSettings } from "../request/request.js";
import { machineWarnings } from "./machine-warnings.js";
import { prepareMachine, wantedAccelerator, wantedQemu, withParameters } from "./machine.js";
import type { PreparedGuest } from "./prepared-guest.js";
import { confinementWarnings, readPrivacy } from "./privacy.js";
import { rebaseOptions } from "./rebase-options.js";

/** What of a request is about an embedded guest, but its kernel. */
export interface EmbeddedRequest extends MachineSettings {
  readonly guest?: EmbeddedGuestSettings | undefined;
  /** What its kernel is booted with. */
  readonly boot?: Pick<BootedKernel, "busybox" | "initrd" | "parameters"> | undefined;
}

/** The embedded guest of a request, checked on this host: all but its kernel. */
export interface EmbeddedPlan {
  readonly guest: Omit<EmbeddedGuest, "kernel" | "kernelCmdline" | "qemuOptions" | "share">;
  readonly accelerator: AcceleratorRequest;
  /** The QEMU that the request names; absolute. */
  readonly qemu: string | undefined;
  /** With absolute paths. */
  readonly userOptions: readonly QemuOption[];
  readonly debug: MachineSettings["debug"];
}

/**
 * Reads what is about the guest itself, before any kernel is looked at: many guests may have it in common.
 *
 * @throws `REQUEST_INVALID` where something that it names is not there; `EXPOSE_MEANINGLESS`, `BAD_ACCELERATOR`, `KERNEL_PARAMETER_TAKEN`
 */
export function planEmbeddedGuest(request: EmbeddedRequest, host: Host): EmbeddedPlan {
  const { cwd } = host;
  const { guest, boot, cpus, memory, qemuOptions = [], debug } = request;
  const { root, shares = [], expose = [], init, network = host.userConfig().network ?? "none" } = guest ?? {};
  checkTakenParameters(
    boot?.parameters ?? [],
    init === "systemd" ? "embedded-systemd" : "embedded",
    boot?.initrd === undefined ? "none" : "own",
  );
  checkTracing(debug, boot?.parameters);
  if (boot?.busybox !== undefined) existingFile(boot.busybox, "kernel.busybox", cwd);
  return {
    guest: {
      kind: "embedded",
      shares: shares.map(({ path, target, access }, index) => ({
        path: existingDirectory(
          path,
          `guest.shares[${index}] (${target === undefined ? access : "target"})`,
          cwd,
        ),
        ...(target === undefined ? {} : { target }),
        access,
      })),
      privacy: readPrivacy(expose, host),
      ...(root === undefined ? {} : { root: existingDirectory(root, "guest.root", cwd) }),
      ...(init === undefined ? {} : { init }),
      ...(cpus === undefined ? {} : { cpus }),
      ...(memory === undefined ? {} : { memory }),
      network,
    },
    accelerator: wantedAccelerator(request.accelerator, host),
    qemu: wantedQemu(request.qemu, host),
    userOptions: rebaseOptions(parseArgv(qemuOptions), cwd),
    debug,
  };
}

/** Makes a kernel ready, and plans the embedded guest that boots it. What the person ought to know is told here, and nowhere else. */
export async function prepareEmbeddedGuest(
  request: BootedKernel,
  { guest, accelerator: wanted, qemu, userOptions, debug: look }: EmbeddedPlan,
  mode: Mode,
  host: Host,
): Promise<PreparedGuest & { readonly guest: EmbeddedGuest }> {
  const { root } = guest;
  const { build, kernel, notices } = await prepareKernel(
    request,
    {
      features: ["console", "modules", "embedded", "command", ...debugFeatures(look)],
      qemu,
      ...(root === undefined ? {} : { root }),
    },
    mode,
    host,
  );
  tell(host, notices);
  const { arch } = kernel;
  const machine = prepareMachine(
    { arch, kernelRelease: build.release, userOptions, accelerator: wanted, qemu },
    mode,
    host,
  );
  tell(host, [...machine.notices, ...machineWarnings(arch, userOptions, kernel)]);
  if (mode === "run") tell(host, confinementWarnings(kernel.share?.kind ?? "9p", host));
  const debug = await prepareDebug(look, { arch, build, userOptions, panicSeenBy: "console" }, mode, host);
  return {
    build,
    guest: {
      ...guest,
      ...embedded(withParameters(kernel, debug?.cmdline), build),
      qemuOptions: [...(debug?.options ?? []), ...userOptions],
    },
    qemu: machine.qemu,
    accelerator: machine.accelerator,
    ...(debug === undefined ? {} : { debug }),
  };
}

/** A kernel as the embedded guest has it: its command line is one text, and it knows what was built. */
function embedded(
  { image, arch, initrd, modulesIndex, share, cmdline }: HostKernel,
  { release, configFile, tree }: KernelBuild,
): Pick<EmbeddedGuest, "kernel" | "kernelCmdline" | "share"> {
  return {
    kernel: {
      image,
      arch,
      release,
      ...(configFile === undefined ? {} : { configFile }),
      ...(tree === undefined ? {} : { tree }),
      ...(initrd === undefined ? {} : { initrd }),
      ...(modulesIndex === undefined ? {} : { modulesIndex }),
    },
    ...(share === undefined ? {} : { share }),
    kernelCmdline: cmdline.join(" "),
  };
}
