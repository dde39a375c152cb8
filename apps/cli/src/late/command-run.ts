import { createWriteStream } from "node:fs";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import {
  bisectExitCode,
  commandExitCode,
  findQemu,
  guestEnvironment,
  parseAcceleratorRequest,
  resolveAccelerator,
  runCommand,
  type CommandGuest,
  type CommandResult,
  type RunCommand,
} from "@vm/guest-run";
import { rebasePaths, type QemuOption } from "@vm/qemu-argv";
import { readUserConfig } from "@vm/vm-store";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { writeNotice } from "../output.js";
import { withBuiltKernel } from "../run/built-kernel.js";
import { withCommandExit } from "../run/command-exit.js";
import { callingUser, directory, parseDuration, parseFailOn, readShares } from "../run/command-request.js";
import { describeOutcome } from "../run/command-words.js";
import { readHostKernel } from "../run/host-kernel.js";
import type { RunOptions } from "../run/run-options.js";
import { openStreams } from "../run/streams.js";
import { usageError } from "../usage-error.js";

/** What this bundle exports, for the one that loads it late. */
export interface LateCommandRun {
  readonly runInGuest: typeof runInGuest;
}

interface GuestRun {
  readonly kernel: string;
  readonly options: RunOptions;
  /** What the person typed after `--`. */
  readonly extra: readonly QemuOption[];
  readonly context: CommandContext;
}

/** `vm run -k KERNEL [--exec COMMAND]`: a command, or a shell, in the embedded guest. */
export async function runInGuest(run: GuestRun): Promise<void> {
  await withCommandExit(run.options, run.context, async () => {
    const options = await withBuiltKernel(run.options, run.context);
    const request = prepare({ ...run, options });
    const streams = openStreams(run.options);
    try {
      const result = await runCommand({ ...request, streams: streams.streams, onStart: streams.control });
      streams.close();
      tell(result, run.options);
      run.context.setExitCode(
        run.options.bisect === true ? bisectExitCode(result.outcome) : commandExitCode(result.outcome),
      );
    } finally {
      streams.close();
    }
  });
}

function prepare({ options, extra, context }: GuestRun): Omit<RunCommand, "streams" | "onStart"> {
  const { env, cwd } = context;
  const named = readHostKernel(options, {
    context,
    userConfig: readUserConfig({ env }),
    cmdline: [],
    features: ["console", "modules", "embedded", "command"],
  });
  if (named === undefined) throw usageError("which kernel (-k)?");
  if (options.initrd !== undefined)
    throw usageError("-i: the embedded guest starts without an initial ram disk");
  const { host, build } = named;
  const qemu = findQemu({ arch: host.arch, env });
  const theirs = rebasePaths(extra, cwd);
  const requested = options.accel ?? (env["VM_ACCEL"] || "auto");
  const accelerator = resolveAccelerator({
    requested: parseAcceleratorRequest(requested, options.accel === undefined ? "VM_ACCEL" : "--accel"),
    guestArch: host.arch,
    options: theirs,
    qemu,
    cacheHome: cacheHome(context),
    trial: "run",
  });
  if (accelerator.reason !== undefined && options.accel !== undefined) writeNotice(accelerator.reason);
  const guest: CommandGuest = {
    kind: "embedded",
    kernel: {
      image: host.image,
      arch: host.arch,
      release: build.release,
      ...(build.configFile === undefined ? {} : { configFile: build.configFile }),
      ...(build.tree === undefined ? {} : { tree: build.tree }),
      ...(host.modulesIndex === undefined ? {} : { modulesIndex: host.modulesIndex }),
    },
    shares: readShares(options, cwd),
    kernelCmdline: host.cmdline.join(" "),
    qemuOptions: theirs,
    ...(options.root === undefined ? {} : { root: directory(options.root, "--root", cwd) }),
    ...(options.cpus === undefined ? {} : { cpus: parseCpus(options.cpus) }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.network === undefined ? {} : { network: parseNetwork(options.network) }),
  };
  const { timeout, bootTimeout, failOn } = options;
  return {
    guest,
    qemu,
    acceleratorOptions: accelerator.options,
    command: options.exec ?? shellCommand,
    environment: guestEnvironment(env),
    cwd,
    ...(options.user === true ? { user: callingUser() } : {}),
    ...(options.console === undefined ? {} : { console: openConsole(options.console, cwd) }),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
    ...(bootTimeout === undefined ? {} : { bootTimeoutMs: parseDuration(bootTimeout, "--boot-timeout") }),
    ...(failOn === undefined ? {} : { failOn: parseFailOn(failOn) }),
  };
}

/** Without --exec: the person's own shell, where the guest has it. */
const shellCommand = 'if [ -x "$SHELL" ]; then exec "$SHELL" -i; else exec sh -i; fi';

function parseCpus(text: string): number {
  const cpus = Number(text);
  if (Number.isInteger(cpus) && cpus >= 1) return cpus;
  throw usageError(`-c: expected a number of CPUs, got '${text}'`);
}

function parseNetwork(text: string): "user" | "none" {
  if (text === "user" || text === "none") return text;
  throw usageError(`--network: expected user or none, got '${text}'`);
}

function openConsole(file: string, cwd: string): Writable {
  return file === "-" ? process.stderr : createWriteStream(resolve(cwd, file));
}

/** How much of the console is shown after a failure; `--console` has all of it. */
const consoleLines = 25;

/** Says on standard error what a status alone does not: how the run ended, and the console's last lines. */
function tell({ outcome, consoleTail }: CommandResult, options: RunOptions): void {
  const words = describeOutcome(outcome);
  if (words === undefined) return;
  const ofCommand = outcome.kind === "signalled" || outcome.kind === "stopped";
  if (!ofCommand && options.console !== "-" && consoleTail.length > 0) {
    writeNotice("the last lines of the kernel's console:");
    for (const line of consoleTail.slice(-consoleLines)) writeNotice(`  ${line}`);
  }
  writeNotice(words);
}
