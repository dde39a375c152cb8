import { quoteShell } from "@vm/command-plan";
import type { StartRequest } from "@vm/operations";
import { checkVmName } from "@vm/vm-store";
import { parseDuration } from "../option-values.js";
import { checkRunOptions } from "./option-check.js";
import type { RunOptions } from "./run-options.js";
import { runRequest, type RunCaller } from "./run-request.js";
import { usageError } from "../usage-error.js";

/** The options of `vm start`, their texts. */
export interface StartOptions extends Omit<
  RunOptions,
  | "bisect"
  | "bootTimeout"
  | "console"
  | "exec"
  | "failOn"
  | "json"
  | "junit"
  | "report"
  | "shell"
  | "stdin"
  | "timeout"
  | "tty"
> {
  readonly name?: string;
  /** False with `--no-wait`. */
  readonly wait: boolean;
  readonly upTimeout?: string;
  readonly json?: true;
}

/** What is asked for with `vm start [NAME] [OPTIONS] -- QEMU OPTIONS`. @throws USAGE */
export function startRequest(vm: string | undefined, given: StartOptions, caller: RunCaller): StartRequest {
  const { name: label, wait, upTimeout } = given;
  const options = runOptions(given);
  if (vm !== undefined && label !== undefined) {
    throw usageError(
      "--name is for the embedded guest, and a virtual machine has its own",
      "Leave one of them out.",
    );
  }
  if ((vm ?? label) === undefined) {
    throw usageError(
      options.kernel === undefined ? "which virtual machine?" : "a guest in the background needs a name",
      options.kernel === undefined
        ? "vm list shows the machines."
        : `Give it one: vm start -k ${quoteShell(options.kernel)} --name NAME`,
    );
  }
  if (label !== undefined && options.kernel === undefined) {
    throw usageError("--name is for the embedded guest, which needs a kernel (-k)");
  }
  checkVmName(vm ?? label ?? "");
  checkRunOptions(vm, options);
  return {
    operation: "start",
    run: runRequest(vm, options, caller),
    ...(label === undefined ? {} : { name: label }),
    ...(wait ? {} : { until: "started" }),
    ...(upTimeout === undefined ? {} : { upTimeoutMs: parseDuration(upTimeout, "--up-timeout") }),
  };
}

/** Those that `vm run` has too. */
function runOptions(given: StartOptions): RunOptions {
  const own: ReadonlySet<string> = new Set(["name", "wait", "upTimeout", "json"]);
  return Object.fromEntries(Object.entries(given).filter(([key]) => !own.has(key)));
}
