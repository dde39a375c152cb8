import * as v from "valibot";
import type { DoctorRequest, PruneCacheRequest } from "../look-requests.js";
import { kernelName, object, text } from "./values.js";

export const doctor: v.GenericSchema<DoctorRequest> = object({
  operation: v.literal("doctor"),
  kernel: v.exactOptional(kernelName),
});

export const pruneCache: v.GenericSchema<PruneCacheRequest> = object({
  operation: v.literal("prune-cache"),
  limit: v.exactOptional(
    v.pipe(
      text,
      v.regex(/^(?:none|\d+(?:\.\d+)?[bkmgtpeBKMGTPE]?)$/, "a size such as 10G, or none"),
      v.description("A size as QEMU writes it, or none."),
    ),
  ),
});
