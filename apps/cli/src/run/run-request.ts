import type {
  BootedKernel,
  CommandSettings,
  DebugSettings,
  EmbeddedGuestSettings,
  MachineSettings,
  RunCommandRequest,
  RunVmRequest,
} from "@vm/operations";
import {
  parseAccelerator,
  parseBootTimeout,
  parseDuration,
  parseFailOn,
  parseGdbEndpoint,
  parseMachine,
  parseNetwork,
  parseRevisionBuild,
  parseShareRequest,
  parseShares,
} from "../option-values.js";
import { usageError } from "../usage-error.js";
import { readsInput } from "./command-input.js";
import { checkParameters } from "./kernel-parameters.js";
import { checkRunOptions } from "./option-check.js";
import type { CommandOptions, EmbeddedOptions, RunOptions } from "./run-options.js";

/** What is asked for with `vm run [NAME] [OPTIONS] -- QEMU OPTIONS`. @throws USAGE */
export function runRequest(
  name: string | undefined,
  options: RunOptions,
  afterDashes: readonly string[] = [],
): RunVmRequest | RunCommandRequest {
  checkRunOptions(name, options);
  checkParameters(options.append);
  const kernel = bootedKernel(options);
  if (name !== undefined && options.exec === undefined) {
    const machine = machineSettings(options, afterDashes);
    return {
      operation: "run-vm",
      vm: name,
      ...(kernel === undefined ? {} : { kernel }),
      ...diskWrites(options),
      ...machine,
    };
  }
  if (kernel === undefined) throw noKernel(name, options);
  return {
    operation: "run-command",
    kernel,
    guest: name === undefined ? embeddedGuest(options) : { kind: "vm", name, ...diskWrites(options) },
    ...(options.name === undefined ? {} : { name: options.name }),
    command: commandSettings(options),
    ...machineSettings(options, afterDashes),
  };
}

function diskWrites({ ephemeral }: RunOptions): { readonly disks?: "ephemeral" } {
  return ephemeral === true ? { disks: "ephemeral" } : {};
}

function noKernel(name: string | undefined, { gdb }: RunOptions): Error {
  if (name !== undefined) {
    return usageError(
      "--exec in a VM needs a kernel of the host (-k)",
      "The command begins on its kernel command line.",
    );
  }
  return usageError(
    "which virtual machine, or which kernel (-k)?",
    typeof gdb === "string"
      ? `--gdb took '${gdb}' for its place: write a name in front of it.`
      : "vm list shows the machines.",
  );
}

function bootedKernel(options: RunOptions): BootedKernel | undefined {
  const { kernel, initrd, append, busybox, share } = options;
  if (kernel === undefined) return undefined;
  const build = parseRevisionBuild(options);
  return {
    name: kernel,
    ...(build === undefined ? {} : { build }),
    ...(initrd === undefined ? {} : { initrd }),
    ...(append === undefined ? {} : { parameters: append }),
    ...(busybox === undefined ? {} : { busybox }),
    ...(share === undefined ? {} : { share: parseShareRequest(share) }),
  };
}

function machineSettings(options: RunOptions, afterDashes: readonly string[]): MachineSettings {
  const { accel } = options;
  const debug = debugSettings(options);
  return {
    ...(accel === undefined ? {} : { accelerator: parseAccelerator(accel) }),
    ...parseMachine(options),
    ...(afterDashes.length === 0 ? {} : { qemuOptions: afterDashes }),
    ...(debug === undefined ? {} : { debug }),
  };
}

function debugSettings({ gdb, gdbWait, dump, trace }: RunOptions): DebugSettings | undefined {
  const wantsGdb = gdb !== undefined || gdbWait === true;
  if (!wantsGdb && dump === undefined && trace === undefined) return undefined;
  const endpoint = parseGdbEndpoint(gdb);
  return {
    ...(wantsGdb
      ? {
          gdb: {
            ...(endpoint === undefined ? {} : { endpoint }),
            ...(gdbWait === true ? { start: "when-told" } : {}),
          },
        }
      : {}),
    ...(dump === undefined ? {} : { dump }),
    ...(trace === undefined ? {} : { trace: trace.split(",") }),
  };
}

/** The embedded guest of `vm run` and `vm test`. */
export function embeddedGuest(options: EmbeddedOptions): EmbeddedGuestSettings {
  const { root, expose, user, systemd, network } = options;
  const shares = parseShares(options);
  return {
    kind: "embedded",
    ...(root === undefined ? {} : { root }),
    ...(shares.length === 0 ? {} : { shares }),
    ...(expose === undefined ? {} : { expose }),
    ...(user === true ? { user: "caller" } : {}),
    ...(systemd === true ? { init: "systemd" } : {}),
    ...(network === undefined ? {} : { network: parseNetwork(network) }),
  };
}

/** When a command of `vm run` or `vm test` is ended, and what is a failure of its kernel. */
export function commandLimits({
  timeout,
  bootTimeout,
  failOn,
}: Pick<CommandOptions, "bootTimeout" | "failOn" | "timeout">): Pick<
  CommandSettings,
  "bootTimeoutMs" | "failOn" | "timeoutMs"
> {
  return {
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
    ...(bootTimeout === undefined ? {} : { bootTimeoutMs: parseBootTimeout(bootTimeout) }),
    ...(failOn === undefined ? {} : { failOn: parseFailOn(failOn) }),
  };
}

function commandSettings(options: RunOptions): CommandSettings {
  const { exec, tty, stdin, bisect } = options;
  if (tty === true && stdin === false) {
    throw usageError("--no-stdin and -t exclude each other", "Leave out one of --no-stdin and -t.");
  }
  const input = tty === true || exec === undefined ? "terminal" : readsInput(options) ? "pipe" : "none";
  return {
    ...(exec === undefined ? {} : { text: exec }),
    input,
    // Nobody sits at the shell of a bisection.
    ...(exec === undefined && bisect === true ? { bootTimeoutMs: "usual" } : {}),
    ...commandLimits(options),
  };
}
