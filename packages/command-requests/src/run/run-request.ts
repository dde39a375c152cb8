import type {
  BootedKernel,
  CommandSettings,
  DebugSettings,
  EmbeddedGuestSettings,
  MachineSettings,
  RunCommandRequest,
  RunVmRequest,
} from "@vm/operations";
import type { Caller } from "../caller.js";
import {
  parseAccelerator,
  parseBootTimeout,
  parseDuration,
  parseEnvironment,
  parseFailOn,
  parseGdbEndpoint,
  parseMachine,
  parseNetwork,
  parseOnFail,
  parseRevisionBuild,
  parseShareRequest,
  parseShares,
} from "../option-values.js";
import { usageError } from "../usage-error.js";
import { checkParameters } from "./kernel-parameters.js";
import { checkRunOptions } from "./option-check.js";
import type { CommandOptions, EmbeddedOptions, RunOptions } from "./run-options.js";

/** Who runs a guest. */
export interface RunCaller extends Omit<Caller, "cwd"> {
  /** Whether there is anything to read on the caller's standard input. */
  hasInput(this: void): boolean;
}

/** What is asked for with `vm run [NAME] [OPTIONS] -- QEMU OPTIONS`. @throws USAGE */
export function runRequest(
  name: string | undefined,
  options: RunOptions,
  caller: RunCaller,
): RunVmRequest | RunCommandRequest {
  const { afterDashes = [] } = caller;
  checkRunOptions(name, options);
  checkParameters(options.append);
  const kernel = bootedKernel(options);
  if (name !== undefined && options.exec === undefined && options.shell !== true) {
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
    command: commandSettings(options, caller),
    ...machineSettings(options, afterDashes),
  };
}

/** What a dump is called that has no name. */
const DUMP_FILE = "vm-core";

/** @throws USAGE where what is kept of a guest leaves no place for another option */
function failureKeeping({
  onFail,
  tty,
  stdin,
  timeout,
  bisect,
  gdb,
  gdbWait,
  dump,
  shell,
}: RunOptions): CommandSettings["onFailure"] {
  if (onFail === undefined) return undefined;
  const what = parseOnFail(onFail);
  const wantsGdb = gdb !== undefined || gdbWait === true;
  const others: readonly (readonly [flag: string, isGiven: boolean, why: string])[] = [
    ["--bisect", bisect === true, "nobody sits at a bisection"],
    ["--shell", shell === true, "that one stays with a shell however the command ends"],
    ["--no-stdin", what === "shell" && stdin === false, "the shell reads from the terminal"],
    ["--timeout", what === "shell" && timeout !== undefined, "it would end the shell"],
    ["-t", what === "gdb" && tty === true, "gdb has the terminal"],
    ["--gdb", what === "gdb" && wantsGdb, "gdb is started when the command has failed"],
    ["--dump", what === "gdb" && dump !== undefined, "gdb looks at the guest itself"],
  ];
  const clash = others.find(([, isGiven]) => isGiven);
  if (clash !== undefined)
    throw usageError(`--on-fail ${what} and ${clash[0]} exclude each other: ${clash[2]}`);
  return what;
}

function diskWrites({ ephemeral }: RunOptions): { readonly disks?: "ephemeral" } {
  return ephemeral === true ? { disks: "ephemeral" } : {};
}

function noKernel(name: string | undefined, options: RunOptions): Error {
  const { gdb } = options;
  if (name !== undefined) {
    return usageError(
      `${options.exec === undefined ? "--shell" : "--exec"} in a VM needs a kernel of the host (-k)`,
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
  const way = parseShareRequest(share);
  return {
    name: kernel,
    ...(build === undefined ? {} : { build }),
    ...(initrd === undefined ? {} : { initrd }),
    ...(append === undefined ? {} : { parameters: append }),
    ...(busybox === undefined ? {} : { busybox }),
    ...(way === undefined ? {} : { share: way }),
  };
}

function machineSettings(options: RunOptions, afterDashes: readonly string[]): MachineSettings {
  const { accel, qemu } = options;
  const debug = debugSettings(options);
  return {
    ...(accel === undefined ? {} : { accelerator: parseAccelerator(accel) }),
    ...(qemu === undefined ? {} : { qemu }),
    ...parseMachine(options),
    ...(afterDashes.length === 0 ? {} : { qemuOptions: afterDashes }),
    ...(debug === undefined ? {} : { debug }),
  };
}

function debugSettings({ gdb, gdbWait, dump: file, trace, onFail }: RunOptions): DebugSettings | undefined {
  const wantsGdb = gdb !== undefined || gdbWait === true;
  const dump = onFail === "dump" ? (file ?? DUMP_FILE) : file;
  if (onFail === "gdb") {
    return { gdb: { start: "at-failure" }, ...(trace === undefined ? {} : { trace: trace.split(",") }) };
  }
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
export function embeddedGuest(options: EmbeddedOptions & Pick<RunOptions, "share">): EmbeddedGuestSettings {
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
export function commandLimits(
  {
    env: variables,
    timeout,
    bootTimeout,
    failOn,
  }: Pick<CommandOptions, "bootTimeout" | "env" | "failOn" | "timeout">,
  env: Caller["env"],
): Pick<CommandSettings, "bootTimeoutMs" | "environment" | "failOn" | "timeoutMs"> {
  return {
    ...(variables === undefined ? {} : { environment: parseEnvironment(variables, env) }),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
    ...(bootTimeout === undefined ? {} : { bootTimeoutMs: parseBootTimeout(bootTimeout) }),
    ...(failOn === undefined ? {} : { failOn: parseFailOn(failOn) }),
  };
}

function commandSettings(options: RunOptions, { env, hasInput }: RunCaller): CommandSettings {
  const { exec, tty, shell, stdin, bisect } = options;
  if (shell === true && stdin === false) {
    throw usageError("--no-stdin and --shell exclude each other", "A shell reads from the terminal.");
  }
  if (tty === true && stdin === false) {
    throw usageError("--no-stdin and -t exclude each other", "Leave out one of --no-stdin and -t.");
  }
  const onFailure = failureKeeping(options);
  const onTerminal = tty === true || shell === true || exec === undefined || onFailure === "shell";
  // gdb reads the terminal in the end.
  const reads = onFailure !== "gdb" && stdin !== false && hasInput();
  const input = onTerminal ? "terminal" : reads ? "pipe" : "none";
  return {
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(exec === undefined ? {} : { text: exec }),
    input,
    ...(shell === true ? { afterwards: "shell" } : {}),
    // Nobody sits at the shell of a bisection.
    ...(exec === undefined && bisect === true ? { bootTimeoutMs: "usual" } : {}),
    ...commandLimits(options, env),
  };
}
