import { findQemu, type CommandGuest, type ResolvedAccelerator } from "@vm/guest-run";
import type { QemuOption } from "@vm/qemu-argv";
import { lockVm, readUserConfig, resolveVmHome } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import { usageError } from "../usage-error.js";
import type { DebugGuest } from "../debug/debug-guest.js";
import { chooseAccelerator } from "./accelerator.js";
import { debugFeatures } from "./debug-options.js";
import { readEmbeddedGuest } from "./embedded-guest.js";
import { guestArch } from "./guest-machine.js";
import { readHostKernel } from "./host-kernel.js";
import { debugGuest, withParameters } from "./late-debug.js";
import { rebaseOptions } from "./rebase-options.js";
import { tellOfConfinement } from "./privacy.js";
import type { RunOptions } from "./run-options.js";
import { loadVmConfig } from "./vm-config.js";

export interface GuestRun {
  /** The VM; absent: the embedded guest. */
  readonly name?: string;
  readonly options: RunOptions;
  /** What the person typed after `--`. */
  readonly extra: readonly QemuOption[];
  readonly context: CommandContext;
}

/** The guest that a command runs in, and what starts it. */
export interface PreparedGuest {
  readonly guest: CommandGuest;
  readonly qemu: string;
  readonly accelerator: ResolvedAccelerator;
  readonly debug?: DebugGuest;
}

/** Reads all that the options name; a VM is locked, unless it is a dry run. */
export function prepareGuest(run: GuestRun): Promise<PreparedGuest> {
  return run.name === undefined ? prepareEmbedded(run) : prepareVm(run, run.name);
}

async function prepareEmbedded({ options, extra, context }: GuestRun): Promise<PreparedGuest> {
  const { env, cwd } = context;
  const userConfig = readUserConfig({ env });
  const named = await readHostKernel(options, {
    context,
    userConfig,
    cmdline: [],
    features: ["console", "modules", "embedded", "command", ...debugFeatures(options)],
  });
  if (named === undefined) throw usageError("which kernel (-k)?");
  const theirs = rebaseOptions(extra, cwd);
  const { arch } = named.host;
  const qemu = findQemu({ arch, env });
  const accelerator = chooseAccelerator(options, context, {
    guestArch: arch,
    kernelRelease: named.build.release,
    qemu,
    theirs,
  });
  if (options.dryRun !== true) tellOfConfinement(named.host.share?.kind ?? "9p", context);
  const debug = await debugGuest(options, {
    context,
    arch,
    build: named.build,
    theirs,
    panicSeenBy: "console",
  });
  const host = withParameters(named.host, debug);
  return {
    guest: readEmbeddedGuest(options, {
      named: { ...named, host },
      theirs: [...(debug?.options ?? []), ...theirs],
      userConfig,
      context,
    }),
    qemu,
    accelerator,
    ...(debug === undefined ? {} : { debug }),
  };
}

async function prepareVm({ options, extra, context }: GuestRun, name: string): Promise<PreparedGuest> {
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
    features: ["console", "disk", "modules", "command", ...debugFeatures(options)],
  });
  if (named === undefined) {
    throw usageError(
      "--exec in a VM needs a kernel of the host (-k)",
      "The command begins on its kernel command line.",
    );
  }
  const extraOptions = rebaseOptions(extra, cwd);
  const arch = guestArch(config, named.host);
  const qemu = findQemu({ arch, env });
  const theirs = [...config.qemuOptions, ...extraOptions];
  const accelerator = chooseAccelerator(options, context, {
    guestArch: arch,
    kernelRelease: named.build.release,
    qemu,
    theirs,
  });
  const debug = await debugGuest(options, {
    context,
    vm: { name, directory: config.directory },
    arch,
    build: named.build,
    theirs,
    panicSeenBy: "console",
  });
  const lock =
    options.dryRun === true
      ? undefined
      : lockVm(config.directory, {
          command: ["vm", ...process.argv.slice(2)],
          ...(debug?.record === undefined ? {} : { debug: debug.record }),
        });
  return {
    guest: {
      kind: "disk",
      kernel: withParameters(named.host, debug),
      qemuOptions: config.qemuOptions,
      extraOptions: [...(debug?.options ?? []), ...extraOptions],
      directory: config.directory,
      ...(lock === undefined ? {} : { lockFd: lock.fd }),
    },
    qemu,
    accelerator,
    ...(debug === undefined ? {} : { debug }),
  };
}
