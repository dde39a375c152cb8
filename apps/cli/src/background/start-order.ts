import { statSync } from "node:fs";
import { join } from "node:path";
import { quoteShell } from "@vm/command-plan";
import { vmHome, type GuestOrder, type Host } from "@vm/operations";
import { checkVmName } from "@vm/vm-store";
import { checkRunOptions } from "../run/option-check.js";
import type { RunOptions } from "../run/run-options.js";
import { runRequest } from "../run/run-request.js";
import { usageError } from "../usage-error.js";

/** The options of `vm start`, as commander hands them over. */
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
export function startOrder(
  vm: string | undefined,
  given: StartOptions,
  afterDashes: readonly string[] | undefined,
  host: Host,
): GuestOrder {
  const { name: label } = given;
  const options = runOptions(given);
  if (vm !== undefined && label !== undefined) {
    throw usageError(
      "--name is for the embedded guest, and a virtual machine has its own",
      "Leave one of them out.",
    );
  }
  const name = vm ?? label;
  if (name === undefined) {
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
  checkVmName(name);
  checkRunOptions(vm, options);
  if (label !== undefined) refuseTaken(label, host);
  return { run: runRequest(vm, options, afterDashes), name, cwd: host.cwd, command: host.command };
}

/** Those that `vm run` has too. */
function runOptions(given: StartOptions): RunOptions {
  const own: ReadonlySet<string> = new Set(["name", "wait", "upTimeout", "json"]);
  return Object.fromEntries(Object.entries(given).filter(([key]) => !own.has(key)));
}

/** Two of one name would be told apart by nobody. */
function refuseTaken(name: string, host: Host): void {
  if (statSync(join(vmHome(host), name), { throwIfNoEntry: false }) === undefined) return;
  throw usageError(
    `--name: there is a virtual machine ${name}`,
    "Choose another name for the embedded guest.",
  );
}
