import * as v from "valibot";
import type { DoctorRequest } from "../look-requests.js";
import { kernelName, object } from "./values.js";

export const doctor: v.GenericSchema<DoctorRequest> = object({
  operation: v.literal("doctor"),
  kernel: v.exactOptional(kernelName),
});
