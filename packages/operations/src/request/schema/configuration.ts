import { allFeatures, isRevision } from "@vm/kernel-build";
import * as v from "valibot";
import type { CheckConfigRequest, MergeConfigRequest } from "../configuration-requests.js";
import { configurationBuild, NO_REVISION } from "./kernel.js";
import { kernelName, object, path, word, words } from "./values.js";

export const mergeConfig: v.GenericSchema<MergeConfigRequest> = object({
  operation: v.literal("merge-config"),
  fragments: v.pipe(v.array(word), v.minLength(1, "at least one fragment"), v.readonly()),
  tree: path,
  buildDirectory: v.exactOptional(path),
  output: v.exactOptional(path),
  base: v.exactOptional(word),
  arch: v.exactOptional(word),
});

export const checkConfig: v.GenericSchema<CheckConfigRequest> = v.pipe(
  object({
    operation: v.literal("check-config"),
    kernel: kernelName,
    build: v.exactOptional(configurationBuild),
    fragments: v.exactOptional(words),
    features: v.exactOptional(v.pipe(v.array(v.picklist(allFeatures)), v.readonly())),
    otherForm: v.exactOptional(v.picklist(["enough", "lost"])),
    source: v.exactOptional(path),
  }),
  v.forward(
    v.check(({ kernel: name, build }) => build === undefined || isRevision(name), NO_REVISION),
    ["build"],
  ),
);
