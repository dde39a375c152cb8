import { execute, toScript, type Plan } from "@vm/command-plan";
import {
  findQemu,
  foregroundStatus,
  hostKernelOptions,
  probeAccelerator,
  runForeground,
} from "@vm/guest-run";
import { rebasePaths, renderArgv, type QemuOption } from "@vm/qemu-argv";
import { loadConfig, lockVm, readUserConfig, resolveVmHome } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import { writeNotice, writeOutput } from "../output.js";
import { chooseAccelerator } from "./accelerator.js";
import { withBuiltKernel } from "./built-kernel.js";
import { readHostKernel } from "./host-kernel.js";
import type { RunOptions } from "./run-options.js";

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
  const options = await withBuiltKernel(run.options, context);
  const { plan, directory } = await planRun({ ...run, options });
  if (options.dryRun === true) {
    writeOutput(toScript(plan));
    return;
  }
  const lock = lockVm(directory, { command: ["vm", ...process.argv.slice(2)] });
  const { exitCode, failure } = await execute(plan, {
    cwd: context.cwd,
    onExec: async (argv, { cwd, env }) =>
      foregroundStatus(await runForeground({ argv, cwd, env, lockFd: lock.fd })),
  });
  if (failure !== undefined) throw failure.error;
  context.setExitCode(exitCode);
}

async function planRun({
  name,
  options,
  extra,
  context,
}: DiskGuestRun): Promise<{ plan: Plan; directory: string }> {
  const { env, cwd } = context;
  const userConfig = readUserConfig({ env });
  const config = await loadConfig({ home: resolveVmHome({ env, userConfig }), name });
  const named = readHostKernel(options, {
    context,
    userConfig,
    cmdline: config.kernelCmdline,
    features: ["console", "disk", "modules"],
  });
  const host = named?.host;
  const arch = config.arch ?? host?.arch ?? probeAccelerator().hostArch;
  const qemu = findQemu({ arch, env });
  const theirs = [...config.qemuOptions, ...rebasePaths(extra, cwd)];
  const accelerator = chooseAccelerator(options, context, { guestArch: arch, qemu, theirs });
  if (accelerator.reason !== undefined) writeNotice(accelerator.reason);
  const kernelOptions = host === undefined ? [] : hostKernelOptions(host, theirs);
  const all = [
    ...accelerator.options,
    ...config.qemuOptions,
    ...kernelOptions,
    ...theirs.slice(config.qemuOptions.length),
  ];
  return {
    directory: config.directory,
    plan: [
      ...(named?.steps ?? []),
      { kind: "change-directory", path: config.directory },
      { kind: "exec", argv: [qemu, ...renderArgv(all)] },
    ],
  };
}
