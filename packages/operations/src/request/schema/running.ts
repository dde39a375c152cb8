import * as v from "valibot";
import type {
  ConsoleRequest,
  DumpRequest,
  EventsRequest,
  GdbRequest,
  LogsRequest,
  PauseRequest,
  QmpRequest,
  RestartRequest,
  ResumeRequest,
  StartRequest,
  StopRequest,
  WaitRequest,
} from "../running-requests.js";
import { runCommand, runVm } from "./run.js";
import { anyObject, milliseconds, object, path, texts, vmName, word, type EntriesOf } from "./values.js";

const startedWhen = v.picklist(["started", "up"]);

export const start: v.GenericSchema<StartRequest> = v.pipe(
  object({
    operation: v.literal("start"),
    run: v.union([runVm, runCommand], "a request of the operation run-vm or run-command"),
    name: v.exactOptional(vmName),
    until: v.exactOptional(startedWhen),
    upTimeoutMs: v.exactOptional(milliseconds),
  }),
  v.forward(
    v.check(
      ({ run }) => run.operation === "run-vm" || (run.guest?.kind !== "vm" && run.command === undefined),
      "the embedded guest with no command: a command in a guest is the operation run-command",
    ),
    ["run"],
  ),
  v.forward(
    v.check(
      ({ run, name }) => (run.operation === "run-vm") === (name === undefined),
      "the embedded guest's name, and none for a virtual machine, which has its own",
    ),
    ["name"],
  ),
);

const stopEntries: EntriesOf<Pick<StopRequest, "timeoutMs" | "way">> = {
  way: v.exactOptional(v.picklist(["at-once", "power-off"])),
  timeoutMs: v.exactOptional(milliseconds),
};
const isWaitedFor = ({ way, timeoutMs }: Pick<StopRequest, "timeoutMs" | "way">): boolean =>
  way !== "at-once" || timeoutMs === undefined;
const NO_WAIT = "nothing: a guest that is ended at once is not waited for";

export const stop: v.GenericSchema<StopRequest> = v.pipe(
  object({
    operation: v.literal("stop"),
    guests: v.union(
      [v.literal("all"), v.pipe(v.array(vmName), v.minLength(1), v.readonly())],
      'names of guests, at least one, or "all"',
    ),
    ...stopEntries,
  }),
  v.forward(
    v.check((request) => isWaitedFor(request), NO_WAIT),
    ["timeoutMs"],
  ),
);

export const restart: v.GenericSchema<RestartRequest> = v.pipe(
  object({
    operation: v.literal("restart"),
    guest: vmName,
    ...stopEntries,
    until: v.exactOptional(startedWhen),
  }),
  v.forward(
    v.check((request) => isWaitedFor(request), NO_WAIT),
    ["timeoutMs"],
  ),
);

export const pause: v.GenericSchema<PauseRequest> = object({ operation: v.literal("pause"), guest: vmName });
export const resume: v.GenericSchema<ResumeRequest> = object({
  operation: v.literal("resume"),
  guest: vmName,
});
export const events: v.GenericSchema<EventsRequest> = object({
  operation: v.literal("events"),
  guest: vmName,
});
export const guestConsole: v.GenericSchema<ConsoleRequest> = object({
  operation: v.literal("console"),
  guest: vmName,
});

export const wait: v.GenericSchema<WaitRequest> = object({
  operation: v.literal("wait"),
  guest: vmName,
  event: v.picklist(["exit", "panic", "up"]),
  timeoutMs: v.exactOptional(milliseconds),
});

export const logs: v.GenericSchema<LogsRequest> = object({
  operation: v.literal("logs"),
  guest: vmName,
  follow: v.exactOptional(v.picklist(["no", "yes"])),
});

export const qmp: v.GenericSchema<QmpRequest> = object({
  operation: v.literal("qmp"),
  guest: vmName,
  command: word,
  arguments: v.exactOptional(anyObject),
});

export const gdb: v.GenericSchema<GdbRequest> = object({
  operation: v.literal("gdb"),
  vm: vmName,
  vmlinux: v.exactOptional(path),
  arguments: v.exactOptional(texts),
});

export const dump: v.GenericSchema<DumpRequest> = object({
  operation: v.literal("dump"),
  vm: vmName,
  file: path,
});
