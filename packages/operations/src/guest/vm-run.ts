import { execute, toScript, type Plan, type Step } from "@vm/command-plan";
import {
  foregroundStatus,
  hasDaemons,
  hostKernelOptions,
  isShareLost,
  kernelShares,
  removeShareDirectory,
  qemuCommand,
  runForeground,
  shareEnvironment,
  type OfferedShares,
} from "@vm/guest-run";
import { missingMachine, type QemuOption } from "@vm/qemu-argv";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import type { RunVmRequest } from "../request/request.js";
import { scriptOrRepeat } from "../script.js";
import type { VmEntry } from "./vm-entry.js";
import { lockForRun, prepareVm, type PreparedVm } from "./vm-machine.js";

/** How a VM on this terminal ended. */
export interface VmRunResult {
  /** QEMU's own status, or what docs/exit-codes.md says of a run without a command. */
  readonly exitCode: number;
}

/**
 * Runs a VM on the terminal of this process, until QEMU ends.
 *
 * @param settings `attended`: somebody sits at the terminal, and can look at a guest that stands still
 */
export async function runVm(
  request: RunVmRequest,
  host: Host,
  settings: { readonly attended: boolean },
): Promise<VmRunResult> {
  const { openVmEntry } = await import("./vm-entry.js");
  const entry = openVmEntry(request.vm, host);
  try {
    return await runPlanned(request, entry, host, settings);
  } finally {
    entry?.close();
  }
}

async function runPlanned(
  request: RunVmRequest,
  entry: VmEntry | undefined,
  host: Host,
  settings: { readonly attended: boolean },
): Promise<VmRunResult> {
  const { plan, vm, shares } = await planRun(request, "run", host, entry?.options);
  const lock = await lockForRun(vm, host);
  entry?.started(vm.kernelName);
  const { exitCode, failure } = await execute(plan, {
    cwd: host.cwd,
    signal: host.signal,
    onExec: async (argv, { cwd, env }) => {
      const foreground = {
        argv,
        cwd,
        env: { ...env, ...shareEnvironment(shares) },
        lockFd: lock.fd,
        signal: host.signal,
      };
      try {
        const status = await startQemu(foreground, vm, host, settings);
        return status === 0 && isShareLost(shares) ? 1 : status;
      } finally {
        removeShareDirectory(shares);
      }
    },
  });
  lock.end();
  if (failure !== undefined) throw failure.error;
  return { exitCode };
}

/** The shell script that runs it. */
export function vmScript(request: RunVmRequest, host: Host): Promise<string> {
  return scriptOrRepeat(async () => toScript((await planRun(request, "script", host)).plan), host);
}

async function startQemu(
  foreground: Parameters<typeof runForeground>[0],
  { debug, userOptions }: PreparedVm,
  host: Host,
  settings: { readonly attended: boolean },
): Promise<number> {
  if (debug === undefined) return foregroundStatus(await runForeground(foreground));
  const { runWatched } = await import("../debug/watched-run.js");
  return runWatched(() => runForeground(foreground), { guest: debug, userOptions, ...settings }, host);
}

/** A VM made ready: what starts it. */
export interface PlannedRun {
  readonly plan: Plan;
  readonly vm: PreparedVm;
  readonly shares: OfferedShares;
  /** All that QEMU is told, but for what shuts it in; paths of the configuration are relative to its directory. */
  readonly options: readonly QemuOption[];
}

/** @param more options of QEMU for who watches over the guest; they come behind the person's own */
export async function planRun(
  request: RunVmRequest,
  mode: Mode,
  host: Host,
  more: (arch: string, userOptions: readonly QemuOption[]) => readonly QemuOption[] = () => [],
): Promise<PlannedRun> {
  const vm = await prepareVm(
    { ...request, name: request.vm },
    { features: ["console", "disk", "modules"], panicSeenBy: "qemu", parameters: "free" },
    mode,
    host,
  );
  const { config, arch, kernel, qemu, userOptions, extraOptions, debug } = vm;
  const shares = kernelShares(kernel ?? {});
  const all = [
    ...vm.accelerator.options,
    ...missingMachine(arch, userOptions),
    ...config.qemuOptions,
    ...(kernel === undefined ? [] : hostKernelOptions(kernel, userOptions, shares)),
    ...(debug?.options ?? []),
    ...extraOptions,
    // Last: the guest calls its network cards by the slots that come before.
    ...more(arch, userOptions),
  ];
  return {
    vm,
    shares,
    options: all,
    plan: [
      ...vm.steps,
      { kind: "change-directory", path: config.directory },
      ...socketDirectory(shares),
      {
        kind: "exec",
        argv: qemuCommand(qemu, all, shares),
      },
    ],
  };
}

/** For the daemons that share the host's files; they remove it in the end. */
function socketDirectory(shares: OfferedShares): Step[] {
  return hasDaemons(shares) ? [{ kind: "make-directory", path: shares.directory, mode: 0o700 }] : [];
}
