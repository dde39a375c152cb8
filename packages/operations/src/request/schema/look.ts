import { isRevision } from "@vm/kernel-build";
import * as v from "valibot";
import type {
  DecodeRequest,
  DoctorRequest,
  ExportVmRequest,
  InfoRequest,
  ListCacheRequest,
  ListRequest,
  ListSnapshotsRequest,
  PruneCacheRequest,
  ShowConfigRequest,
} from "../look-requests.js";
import { bootedKernel, NO_REVISION, revisionBuild } from "./kernel.js";
import { kernelName, object, path, text, vmName } from "./values.js";

export const list: v.GenericSchema<ListRequest> = object({ operation: v.literal("list") });
export const info: v.GenericSchema<InfoRequest> = object({ operation: v.literal("info"), vm: vmName });
export const showConfig: v.GenericSchema<ShowConfigRequest> = object({
  operation: v.literal("show-config"),
  vm: vmName,
});
export const exportVm: v.GenericSchema<ExportVmRequest> = object({
  operation: v.literal("export-vm"),
  vm: vmName,
  format: v.literal("libvirt"),
  kernel: v.exactOptional(bootedKernel),
});
export const listSnapshots: v.GenericSchema<ListSnapshotsRequest> = object({
  operation: v.literal("list-snapshots"),
  vm: vmName,
});

export const doctor: v.GenericSchema<DoctorRequest> = object({
  operation: v.literal("doctor"),
  kernel: v.exactOptional(kernelName),
});

export const listCache: v.GenericSchema<ListCacheRequest> = object({
  operation: v.literal("list-cache"),
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

export const decode: v.GenericSchema<DecodeRequest> = v.pipe(
  object({
    operation: v.literal("decode"),
    kernel: kernelName,
    build: v.exactOptional(revisionBuild),
    log: v.exactOptional(path),
    modules: v.exactOptional(v.pipe(v.array(path), v.readonly())),
  }),
  v.forward(
    v.check(({ kernel, build }) => build === undefined || isRevision(kernel), NO_REVISION),
    ["build"],
  ),
);
