import { isRevision } from "@vm/kernel-build";
import { parseKernelParameters } from "@vm/qemu-argv";
import * as v from "valibot";
import type { BootedKernel, RevisionBuild } from "../booted-kernel.js";
import type { FetchKernelRequest, KernelRequest, ModulesRequest } from "../kernel-requests.js";
import { count, kernelName, object, passes, path, text, word, words, type EntriesOf } from "./values.js";

const revisionEntries: EntriesOf<RevisionBuild> = {
  jobs: v.exactOptional(count),
  fragments: v.exactOptional(words),
  base: v.exactOptional(word),
  arch: v.exactOptional(word),
};

export const revisionBuild: v.GenericSchema<RevisionBuild> = v.pipe(
  object(revisionEntries),
  v.description("How git:REVISION is built; for nothing else."),
);

const { jobs: _, ...configurationEntries } = revisionEntries;

/** Of a build that is not made: how it would be configured. */
export const configurationBuild: v.GenericSchema<Omit<RevisionBuild, "jobs">> = object(configurationEntries);

/** What all kernels of a request have in common. */
export const bootEntries: EntriesOf<Omit<BootedKernel, "initrd" | "name">> = {
  build: v.exactOptional(revisionBuild),
  parameters: v.exactOptional(
    v.pipe(
      v.array(
        v.pipe(
          text,
          v.check(
            passes(parseKernelParameters),
            'kernel parameters with closed quotes and no "--", such as loglevel=7',
          ),
        ),
      ),
      v.readonly(),
    ),
  ),
  busybox: v.exactOptional(path),
  share: v.exactOptional(v.picklist(["9p", "virtiofs", "auto"])),
};

export const NO_REVISION: string = "nothing: it says how git:REVISION is built, and there is none";

export const bootedKernel: v.GenericSchema<BootedKernel> = v.pipe(
  object({ name: kernelName, initrd: v.exactOptional(path), ...bootEntries }),
  v.forward(
    v.check(({ name, build }) => build === undefined || isRevision(name), NO_REVISION),
    ["build"],
  ),
  v.forward(
    v.check(
      ({ initrd, busybox }) => initrd === undefined || busybox === undefined,
      "nothing: it is for an initramfs that vm makes, and `initrd` names one",
    ),
    ["busybox"],
  ),
);

export const kernel: v.GenericSchema<KernelRequest> = v.pipe(
  object({
    operation: v.literal("kernel"),
    kernel: kernelName,
    build: v.exactOptional(revisionBuild),
  }),
  v.forward(
    v.check(({ kernel: name, build }) => build === undefined || isRevision(name), NO_REVISION),
    ["build"],
  ),
);

export const fetchKernel: v.GenericSchema<FetchKernelRequest> = object({
  operation: v.literal("fetch-kernel"),
  release: v.pipe(word, v.description("debian:SUITE or a version.")),
  arch: v.exactOptional(word),
  flavour: v.exactOptional(word),
  mirror: v.exactOptional(word),
  keyring: v.exactOptional(path),
});

export const modules: v.GenericSchema<ModulesRequest> = object({
  operation: v.literal("modules"),
  kernel: kernelName,
});
