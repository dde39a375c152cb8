import { checkTakenParameters, type HostKernel } from "@vm/guest-run";
import { memory, parseArgv, smp, type QemuOption } from "@vm/qemu-argv";
import { lockVm, type VmConfig, type VmLock } from "@vm/vm-store";
import { type Feature, isRevision } from "@vm/kernel-build";
import type { DebugGuest } from "../debug/debug-guest.js";
import { checkTracing, debugFeatures, prepareDebug } from "../debug/debug-settings.js";
import { tell, type Host } from "../host.js";
import { mendImages } from "../keep/in-place.js";
import { checkWhole } from "../keep/half-restored.js";
import { prepareKernel, type PreparedKernel } from "../kernel/prepare-kernel.js";
import type { Mode } from "../mode.js";
import type { BootedKernel, DiskWrites, MachineSettings } from "../request/request.js";
import { blankDiskWarnings } from "./blank-disk.js";
import { ephemeralOptions } from "./ephemeral.js";
import { machineWarnings } from "./machine-warnings.js";
import { prepareMachine, wantedAccelerator, wantedQemu, withParameters, type Machine } from "./machine.js";
import { rebaseOptions } from "./rebase-options.js";
import { guestArch, loadVmConfig } from "./vm-config.js";

/** What a request asks of a VM that has a name. */
export interface VmRequest extends MachineSettings {
  readonly name: string;
  readonly kernel?: BootedKernel | undefined;
  readonly disks?: DiskWrites | undefined;
}

/** What differs between a VM on this terminal and a command in one. */
export interface VmUse {
  readonly features: readonly Feature[];
  readonly panicSeenBy: "console" | "qemu";
  /** Whose the kernel parameters are: a command begins by some of them. */
  readonly parameters: "free" | "command";
}

/** A VM, ready to be started. */
export interface PreparedVm extends Omit<Machine, "notices"> {
  readonly config: VmConfig;
  readonly arch: string;
  /** The kernel of the host that it boots. */
  readonly kernel?: HostKernel;
  /** What is known of that kernel. */
  readonly build?: PreparedKernel["build"];
  /** Its release, or its file where nobody knows that. */
  readonly kernelName?: string;
  /** What a script has to do first. */
  readonly steps: PreparedKernel["steps"];
  /** The request's own options of QEMU, with absolute paths; they come behind the configuration's. */
  readonly extraOptions: readonly QemuOption[];
  /** All of the person's own options: the configuration's and those. */
  readonly userOptions: readonly QemuOption[];
  readonly debug?: DebugGuest;
  readonly disks: DiskWrites;
}

/** Reads a VM's configuration and makes its kernel ready. What the person ought to know is told here, and nowhere else. */
export async function prepareVm(request: VmRequest, use: VmUse, mode: Mode, host: Host): Promise<PreparedVm> {
  const { name, kernel: wanted, debug: look } = request;
  const accelerator = wantedAccelerator(request.accelerator, host);
  const qemu = wantedQemu(request.qemu, host);
  const extra = [...ownMachine(request), ...parseArgv(request.qemuOptions ?? [])];
  const config = await loadVmConfig(name, { hasKernel: wanted !== undefined }, host);
  checkWhole(config.directory, name);
  checkTracing(look, [...config.kernelCmdline, ...(wanted?.parameters ?? [])]);
  if (use.parameters === "command") {
    checkTakenParameters([...config.kernelCmdline, ...(wanted?.parameters ?? [])], "vm-command", "none");
  }
  const prepared =
    wanted === undefined
      ? undefined
      : await prepareKernel(
          forMachine(wanted, config, host),
          { features: [...use.features, ...debugFeatures(look)], cmdline: config.kernelCmdline, qemu },
          mode,
          host,
        );
  if (prepared !== undefined) tell(host, prepared.notices);
  const arch = guestArch(config, prepared?.kernel.arch, host);
  const own = rebaseOptions(extra, host.cwd);
  const { disks = "kept" } = request;
  const extraOptions =
    disks === "ephemeral" ? [...own, ...ephemeralOptions([...config.qemuOptions, ...own])] : own;
  const userOptions = [...config.qemuOptions, ...extraOptions];
  const release = prepared?.build.release;
  const machine = prepareMachine(
    { arch, userOptions, accelerator, qemu, ...(release === undefined ? {} : { kernelRelease: release }) },
    mode,
    host,
  );
  tell(host, machine.notices);
  const debug = await prepareDebug(
    look,
    {
      vm: { name, directory: config.directory },
      arch,
      userOptions,
      panicSeenBy: use.panicSeenBy,
      ...(prepared === undefined ? {} : { build: prepared.build }),
    },
    mode,
    host,
  );
  const kernel = prepared === undefined ? undefined : withParameters(prepared.kernel, debug?.cmdline);
  tell(host, [
    ...machineWarnings(arch, userOptions, kernel),
    ...(kernel === undefined ? blankDiskWarnings(config, userOptions) : []),
  ]);
  return {
    config,
    arch,
    disks,
    steps: prepared?.steps ?? [],
    extraOptions,
    userOptions,
    qemu: machine.qemu,
    accelerator: machine.accelerator,
    ...(prepared === undefined ? {} : { build: prepared.build }),
    ...(kernel === undefined ? {} : { kernel, kernelName: release ?? kernel.image }),
    ...(debug === undefined ? {} : { debug }),
  };
}

/** Locks a VM for a run: two would destroy its disk. */
export async function lockForRun(
  { config, debug, kernelName, disks }: PreparedVm,
  host: Host,
): Promise<VmLock> {
  const lock = lockVm(config.directory, {
    command: host.command,
    ...(disks === "ephemeral" ? { ephemeral: true } : {}),
    ...(kernelName === undefined ? {} : { kernel: kernelName }),
    ...(debug?.record === undefined ? {} : { debug: debug.record }),
  });
  try {
    await mendImages(config, host);
  } catch (error) {
    lock.end();
    throw error;
  }
  return lock;
}

/** CPUs and memory: behind the VM's own options, of which QEMU takes the last. */
function ownMachine({ cpus, memory: size }: MachineSettings): QemuOption[] {
  return [...(cpus === undefined ? [] : [smp(cpus)]), ...(size === undefined ? [] : [memory(size)])];
}

/** A revision is built for the VM's architecture, where nothing else says it. */
function forMachine(kernel: BootedKernel, { arch }: VmConfig, { env, arch: hostArch }: Host): BootedKernel {
  if (!isRevision(kernel.name) || kernel.build?.arch !== undefined || (env["ARCH"] ?? "") !== "")
    return kernel;
  return arch === undefined || arch === hostArch ? kernel : { ...kernel, build: { ...kernel.build, arch } };
}
