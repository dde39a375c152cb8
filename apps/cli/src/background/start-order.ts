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
  { name: given, wait: _, upTimeout: __, json: ___, ...options }: StartOptions,
  afterDashes: readonly string[] | undefined,
  host: Host,
): GuestOrder {
  if (vm !== undefined && given !== undefined) {
    throw usageError(
      "--name is for the embedded guest, and a virtual machine has its own",
      "Leave one of them out.",
    );
  }
  const name = vm ?? given;
  if (name === undefined) {
    throw usageError(
      options.kernel === undefined ? "which virtual machine?" : "a guest in the background needs a name",
      options.kernel === undefined
        ? "vm list shows the machines."
        : `Give it one: vm start -k ${quoteShell(options.kernel)} --name NAME`,
    );
  }
  if (given !== undefined && options.kernel === undefined) {
    throw usageError("--name is for the embedded guest, which needs a kernel (-k)");
  }
  checkVmName(name);
  checkRunOptions(vm, options);
  if (given !== undefined) refuseTaken(given, host);
  return { run: runRequest(vm, options, afterDashes), name, cwd: host.cwd, command: host.command };
}

/** Two of one name would be told apart by nobody. */
function refuseTaken(name: string, host: Host): void {
  if (statSync(join(vmHome(host), name), { throwIfNoEntry: false }) === undefined) return;
  throw usageError(
    `--name: there is a virtual machine ${name}`,
    "Choose another name for the embedded guest.",
  );
}
