import type { Writable } from "node:stream";
import { execCommand, execute, toScript, type Plan, type Step } from "@vm/command-plan";
import {
  foregroundStatus,
  hasDaemons,
  hostKernelOptions,
  isShareLost,
  kernelShares,
  outputLost,
  removeShareDirectory,
  qemuCommand,
  runForeground,
  shareEnvironment,
  type ForegroundEnd,
  type OfferedShares,
} from "@vm/guest-run";
import { missingMachine, type QemuOption } from "@vm/qemu-argv";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import type { FailureReport } from "../report/failure-report.js";
import type { RunVmRequest } from "../request/request.js";
import { scriptOrRepeat } from "../script.js";
import type { VmConsole } from "./vm-console.js";
import type { VmEntry } from "./vm-entry.js";
import { lockForRun, prepareVm, type PreparedVm } from "./vm-machine.js";

/** How a VM on this terminal ended. */
export interface VmRunResult {
  /** QEMU's own status, or what docs/exit-codes.md says of a run without a command. */
  readonly exitCode: number;
  /** What the kernel complained of on QEMU's standard output; null where it did not. */
  readonly failure: FailureReport | null;
}

/** What a VM's run is connected to. */
export interface VmRunEnds {
  /** Somebody sits at the terminal, and can look at a guest that stands still. */
  readonly attended: boolean;
  /** Gets what QEMU writes on its standard output, too. */
  readonly console?: Writable;
}

/** Runs a VM on the terminal of this process, until QEMU ends. @throws `OUTPUT_LOST` in the end, when not all of the output could be written */
export async function runVm(request: RunVmRequest, host: Host, ends: VmRunEnds): Promise<VmRunResult> {
  const { openVmEntry } = await import("./vm-entry.js");
  const entry = openVmEntry(request.vm, host);
  try {
    return await runPlanned(request, entry, host, ends);
  } finally {
    entry?.close();
  }
}

async function runPlanned(
  request: RunVmRequest,
  entry: VmEntry | undefined,
  host: Host,
  ends: VmRunEnds,
): Promise<VmRunResult> {
  const { plan, vm, shares } = await planRun(request, "run", host, entry?.options);
  const lock = await lockForRun(vm, host);
  entry?.started(vm.kernelName);
  const output = watchOutput(ends.console);
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
        ...(drawsOnTerminal(argv) ? {} : { onOutput: output.push }),
      };
      try {
        const status = await startQemu(foreground, vm, host, { ...ends, onLost: output.lose });
        return status === 0 && isShareLost(shares) ? 1 : status;
      } finally {
        removeShareDirectory(shares);
      }
    },
  });
  lock.end();
  if (failure !== undefined) throw failure.error;
  const lost = await output.lost();
  if (lost !== null) throw lost;
  return { exitCode, failure: await output.explain(vm, host) };
}

/**
 * The shell script that runs it.
 *
 * @param supervision `wanted`: of what is asked for `vm` itself does a part, and so the script is this very command
 */
export function vmScript(
  request: RunVmRequest,
  host: Host,
  { supervision }: { readonly supervision: "none" | "wanted" },
): Promise<string> {
  return scriptOrRepeat(async () => {
    const { plan } = await planRun(request, "script", host);
    if (supervision === "none") return toScript(plan);
    const last = plan.find((step) => step.kind === "exec");
    return toScript([
      { kind: "comment", text: "QEMU, of whose output `vm` keeps a copy:" },
      { kind: "comment", text: execCommand(last?.argv ?? [""]) },
      ...host.repeat(),
    ]);
  }, host);
}

/** What QEMU writes, on its way to the terminal. */
interface WatchedOutput {
  push(this: void, chunk: Buffer): Promise<void>;
  /** Our own standard output took no more. */
  lose(this: void, cause: Error): void;
  /** What could not be written, once all of it was seen; null: nothing. */
  lost(this: void): Promise<Error | null>;
  explain(this: void, vm: PreparedVm, host: Host): Promise<FailureReport | null>;
}

function watchOutput(copy: Writable | undefined): WatchedOutput {
  let failure: Error | null = null;
  const lose = (what: string, cause: Error): void => {
    failure ??= outputLost(what, cause);
  };
  copy?.on("error", (cause) => lose("the console", cause));
  // Loaded while QEMU starts.
  let loaded: Promise<VmConsole> | undefined;
  const load = (): Promise<VmConsole> =>
    (loaded ??= import("./vm-console.js").then(({ watchVmConsole }) => watchVmConsole()));
  return {
    async push(chunk) {
      const console = await load();
      console.push(chunk);
      if (copy === undefined || failure !== null || copy.write(chunk)) return;
      await new Promise<void>((resolve) => {
        copy
          .once("drain", resolve)
          .once("error", () => resolve())
          .once("close", resolve);
      });
    },
    lose: (cause) => lose("standard output", cause),
    lost: () => Promise.resolve(failure),
    explain: async ({ build }, host) => (loaded === undefined ? null : (await loaded).explain(build, host)),
  };
}

/** A screen in the terminal asks it for its size: QEMU writes there itself, and nobody looks. */
function drawsOnTerminal(argv: readonly string[]): boolean {
  return (
    argv.includes("-curses") ||
    argv.some((word, index) => argv[index - 1] === "-display" && /^curses\b/.test(word))
  );
}

async function startQemu(
  foreground: Parameters<typeof runForeground>[0],
  { debug, userOptions }: PreparedVm,
  host: Host,
  { attended, onLost }: { readonly attended: boolean; readonly onLost: (cause: Error) => void },
): Promise<number> {
  const run = async (): Promise<ForegroundEnd> => {
    const end = await runForeground(foreground);
    if (end.lostOutput !== null) onLost(end.lostOutput);
    return end;
  };
  if (debug === undefined) return foregroundStatus(await run());
  const { runWatched } = await import("../debug/watched-run.js");
  return runWatched(run, { guest: debug, userOptions, attended }, host);
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
