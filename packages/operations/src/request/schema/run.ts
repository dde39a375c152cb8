import * as v from "valibot";
import type { RunCommandRequest, RunVmRequest } from "../run-requests.js";
import { diskWrites, guestSettings, limitEntries } from "./guest.js";
import { bootedKernel } from "./kernel.js";
import { machineEntries, qemuEntries } from "./machine.js";
import { object, text, vmName } from "./values.js";

export const runVm: v.GenericSchema<RunVmRequest> = v.pipe(
  object({
    operation: v.literal("run-vm"),
    vm: vmName,
    disks: v.exactOptional(diskWrites),
    kernel: v.exactOptional(bootedKernel),
    ...machineEntries,
    ...qemuEntries,
  }),
  v.forward(
    v.check(
      ({ kernel, debug: look }) => kernel !== undefined || look?.trace === undefined,
      "nothing: only a kernel of the host (`kernel`) takes its parameters",
    ),
    ["debug"],
  ),
);

export const runCommand: v.GenericSchema<RunCommandRequest> = v.pipe(
  object({
    operation: v.literal("run-command"),
    kernel: bootedKernel,
    guest: v.exactOptional(guestSettings),
    name: v.exactOptional(text),
    command: v.exactOptional(
      v.pipe(
        object({
          text: v.exactOptional(text),
          input: v.exactOptional(v.picklist(["none", "pipe", "terminal"])),
          afterwards: v.exactOptional(v.literal("shell")),
          onFailure: v.exactOptional(v.picklist(["dump", "gdb", "shell"])),
          ...limitEntries,
        }),
        v.forward(
          v.check(
            ({
              text: command,
              afterwards,
              input = afterwards === "shell" || command === undefined ? "terminal" : "pipe",
            }) => (command !== undefined && afterwards === undefined) || input === "terminal",
            "terminal, which a shell reads from, or a `text`",
          ),
          ["input"],
        ),
      ),
    ),
    ...machineEntries,
    ...qemuEntries,
  }),
  v.forward(
    v.check(
      ({ guest, command }) =>
        guest?.kind !== "vm" || command?.text !== undefined || command?.afterwards !== undefined,
      "a `text`: a virtual machine's own shell is that of the operation run-vm",
    ),
    ["command"],
  ),
  v.forward(
    v.check((request) => isKeptRightly(request), "an `onFailure` that this run has no place for"),
    ["command"],
  ),
);

/** Each kind needs what it is shown on, or written to; a VM with a disk is never kept half-way. */
function isKeptRightly({
  guest,
  command,
  debug,
}: Pick<RunCommandRequest, "command" | "debug" | "guest">): boolean {
  const { onFailure, text: run, input = "pipe", timeoutMs, afterwards } = command ?? {};
  if (onFailure === undefined) return debug?.gdb?.start !== "at-failure";
  if (run === undefined || afterwards !== undefined || guest?.kind === "vm") return false;
  if (onFailure === "shell") return input === "terminal" && timeoutMs === undefined;
  return onFailure === "dump"
    ? debug?.dump !== undefined
    : input === "none" && debug?.gdb?.start === "at-failure" && debug.dump === undefined;
}
