import * as v from "valibot";
import type { TestRequest } from "../test-request.js";
import { embeddedEntries, limitEntries } from "./guest.js";
import { bootEntries, isRevision, NO_REVISION } from "./kernel.js";
import { machineEntries } from "./machine.js";
import { count, kernelName, object, path, text } from "./values.js";

/** It becomes part of the kernel's command line. */
const kunitGlob = v.pipe(
  v.string(),
  v.regex(/^[-\w.*?[\]!]+$/, "names of suites and tests with * and ?, such as list*"),
);

export const test: v.GenericSchema<TestRequest> = v.pipe(
  object({
    operation: v.literal("test"),
    kernels: v.pipe(v.array(kernelName), v.minLength(1, "at least one kernel"), v.readonly()),
    boot: v.exactOptional(object(bootEntries)),
    tests: v.exactOptional(
      v.pipe(
        v.array(
          v.union(
            [object({ command: text }), object({ file: path }), object({ kunit: kunitGlob })],
            "an object with `command`, `file` or `kunit`",
          ),
        ),
        v.readonly(),
      ),
    ),
    guest: v.exactOptional(object({ kind: v.literal("embedded"), ...embeddedEntries })),
    command: v.exactOptional(object(limitEntries)),
    results: v.exactOptional(v.literal("ktap")),
    attempts: v.exactOptional(
      object({
        repeat: v.exactOptional(count),
        until: v.exactOptional(v.literal("failure")),
        retry: v.exactOptional(count),
      }),
    ),
    flaky: v.exactOptional(v.picklist(["fail", "pass"])),
    seed: v.exactOptional(
      v.pipe(
        v.number(),
        v.integer("a whole number"),
        v.minValue(0, "a number from 0 on"),
        v.maxValue(0xffff_ffff, "a number below 4294967296"),
      ),
    ),
    jobs: v.exactOptional(count),
    onFailure: v.exactOptional(v.picklist(["go-on", "stop"])),
    ...machineEntries,
  }),
  v.forward(
    v.check(({ kernels, boot }) => boot?.build === undefined || kernels.some(isRevision), NO_REVISION),
    ["boot", "build"],
  ),
);
