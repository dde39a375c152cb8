import * as v from "valibot";
import type { DumpRequest, GdbRequest } from "../running-requests.js";
import { object, path, texts, vmName } from "./values.js";

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
