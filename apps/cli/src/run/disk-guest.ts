import { execute, toScript, type Plan, type Step } from "@vm/command-plan";
import {
  findQemu,
  foregroundStatus,
  hasDaemons,
  hostKernelOptions,
  isShareLost,
  kernelShares,
  removeShareDirectory,
  runForeground,
  sandboxOptions,
  shareEnvironment,
  withShares,
  type OfferedShares,
} from "@vm/guest-run";
import { missingMachine, renderArgv, type QemuOption } from "@vm/qemu-argv";
import { lockVm, readUserConfig, resolveVmHome } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import type { DebugGuest } from "../debug/debug-guest.js";
import { writeNotice, writeOutput } from "../output.js";
import { chooseAccelerator } from "./accelerator.js";
import { warnOfBlankDisk } from "./blank-disk.js";
import { withBuiltKernel } from "./built-kernel.js";
import { withGitArch } from "./git-arch.js";
import { debugFeatures } from "./debug-options.js";
import { debugGuest, lateDebug, withParameters } from "./late-debug.js";
import { guestArch, warnOfMachine } from "./guest-machine.js";
import { readHostKernel } from "./host-kernel.js";
import { rebaseOptions } from "./rebase-options.js";
import type { RunOptions } from "./run-options.js";
import { loadVmConfig } from "./vm-config.js";

interface DiskGuestRun {
  readonly name: string;
  readonly options: RunOptions;
  /** What the person typed after `--`. */
  readonly extra: readonly QemuOption[];
  readonly context: CommandContext;
}

/** `vm run NAME`: the VM's own disk and configuration, with a kernel of the host where one is named. */
export async function runDiskGuest(run: DiskGuestRun): Promise<void> {
  const { context } = run;
  const options = await withBuiltKernel(await withGitArch(run.options, run.name, context), context);
  const { plan, directory, theirs, debug, shares } = await planRun({ ...run, options });
  if (options.dryRun === true) {
    writeOutput(toScript(plan));
    return;
  }
  const lock = lockVm(directory, {
    command: ["vm", ...process.argv.slice(2)],
    ...(debug?.record === undefined ? {} : { debug: debug.record }),
  });
  const { exitCode, failure } = await execute(plan, {
    cwd: context.cwd,
    onExec: async (argv, { cwd, env }) => {
      const foreground = { argv, cwd, env: { ...env, ...shareEnvironment(shares) }, lockFd: lock.fd };
      try {
        const status =
          debug === undefined
            ? foregroundStatus(await runForeground(foreground))
            : await (await lateDebug()).runWatched(foreground, debug, theirs);
        return status === 0 && isShareLost(shares) ? 1 : status;
      } finally {
        removeShareDirectory(shares);
      }
    },
  });
  if (failure !== undefined) throw failure.error;
  context.setExitCode(exitCode);
}

interface PlannedRun {
  readonly plan: Plan;
  readonly directory: string;
  /** All of the person's own options. */
  readonly theirs: readonly QemuOption[];
  readonly debug?: DebugGuest;
  readonly shares: OfferedShares;
}

async function planRun({ name, options, extra, context }: DiskGuestRun): Promise<PlannedRun> {
  const { env, cwd } = context;
  const userConfig = readUserConfig({ env });
  const config = await loadVmConfig({
    home: resolveVmHome({ env, userConfig }),
    name,
    kernel: options.kernel,
    context,
  });
  const named = await readHostKernel(options, {
    context,
    userConfig,
    cmdline: config.kernelCmdline,
    features: ["console", "disk", "modules", ...debugFeatures(options)],
  });
  const arch = guestArch(config, named?.host);
  const qemu = findQemu({ arch, env });
  const theirs = [...config.qemuOptions, ...rebaseOptions(extra, cwd)];
  const accelerator = chooseAccelerator(options, context, {
    guestArch: arch,
    kernelRelease: named?.build.release,
    qemu,
    theirs,
  });
  if (accelerator.reason !== undefined) writeNotice(accelerator.reason);
  const debug = await debugGuest(options, {
    context,
    vm: { name, directory: config.directory },
    arch,
    theirs,
    panicSeenBy: "qemu",
    ...(named === undefined ? {} : { build: named.build }),
  });
  const host = named === undefined ? undefined : withParameters(named.host, debug);
  warnOfMachine(arch, theirs, host);
  if (host === undefined) warnOfBlankDisk(config, theirs);
  const shares = kernelShares(host ?? {});
  const kernelOptions = host === undefined ? [] : hostKernelOptions(host, theirs, shares);
  const all = [
    ...accelerator.options,
    ...missingMachine(arch, theirs),
    ...config.qemuOptions,
    ...kernelOptions,
    ...(debug?.options ?? []),
    ...theirs.slice(config.qemuOptions.length),
  ];
  return {
    directory: config.directory,
    theirs,
    ...(debug === undefined ? {} : { debug }),
    shares,
    plan: [
      ...(named?.steps ?? []),
      { kind: "change-directory", path: config.directory },
      ...socketDirectory(shares),
      {
        kind: "exec",
        argv: withShares([qemu, ...renderArgv([...sandboxOptions(qemu, all), ...all])], shares),
      },
    ],
  };
}

/** For the daemons that share the host's files; they remove it in the end. */
function socketDirectory(shares: OfferedShares): Step[] {
  return hasDaemons(shares) ? [{ kind: "make-directory", path: shares.directory, mode: 0o700 }] : [];
}
