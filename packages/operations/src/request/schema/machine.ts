import * as v from "valibot";
import type { DebugSettings, MachineSettings } from "../machine-settings.js";
import {
  accelerator,
  count,
  memory,
  object,
  path,
  port,
  text,
  texts,
  word,
  type EntriesOf,
} from "./values.js";

const debug: v.GenericSchema<DebugSettings> = object({
  gdb: v.exactOptional(
    object({
      endpoint: v.exactOptional(
        v.variant("kind", [
          object({ kind: v.literal("socket"), path }),
          object({
            kind: v.literal("port"),
            port,
          }),
        ]),
      ),
      start: v.exactOptional(v.picklist(["at-failure", "at-once", "when-told"])),
    }),
  ),
  dump: v.exactOptional(path),
  trace: v.exactOptional(
    v.pipe(
      v.array(
        v.pipe(
          text,
          v.regex(/^(?:[\w*?-]+:)?[\w*?-]+$/, "the name of a trace event, such as sched:sched_switch"),
        ),
      ),
      v.minLength(1, "at least one event"),
      v.readonly(),
    ),
  ),
});

export const machineEntries: EntriesOf<Omit<MachineSettings, "debug" | "qemuOptions">> = {
  accelerator: v.exactOptional(accelerator),
  qemu: v.exactOptional(word),
  cpus: v.exactOptional(count),
  memory: v.exactOptional(memory),
};

export const qemuEntries: EntriesOf<Pick<MachineSettings, "debug" | "qemuOptions">> = {
  qemuOptions: v.exactOptional(texts),
  debug: v.exactOptional(debug),
};
