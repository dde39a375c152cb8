import { isRevision } from "@vm/kernel-build";
import * as v from "valibot";
import type {
  CollectCellsRequest,
  PlanCellsRequest,
  ReportRequest,
  RunCellsRequest,
  SubmitCellsRequest,
  TestRequest,
} from "../test-request.js";
import { readSelftests } from "../../selftests/selftest-words.js";
import { embeddedEntries, limitEntries } from "./guest.js";
import { bootEntries, NO_REVISION } from "./kernel.js";
import { machineEntries } from "./machine.js";
import { count, kernelName, object, path, text, word } from "./values.js";

/** It becomes part of the kernel's command line. */
const kunitGlob = v.pipe(
  v.string(),
  v.regex(/^[-\w.*?[\]!]+$/, "names of suites and tests with * and ?, such as list*"),
);

const selftests = v.pipe(
  v.string(),
  v.check((words) => readSelftests(words) !== null, "targets of selftests, such as timers,size:get_size"),
);

const flaky = v.picklist(["fail", "pass"]);
const onFailure = v.picklist(["go-on", "stop"]);
const wait = v.picklist(["no", "until-answered"]);
const seed = v.pipe(
  v.number(),
  v.integer("a whole number"),
  v.minValue(0, "a number from 0 on"),
  v.maxValue(0xffff_ffff, "a number below 4294967296"),
);

/** A word that ssh takes for no option, and a list of hosts for one of them. */
const sshHost = v.pipe(v.string(), v.regex(/^[^-,\s\p{Cc}][^,\s\p{Cc}]*$/u, "a host as ssh takes it"));

export const test: v.GenericSchema<TestRequest> = v.pipe(
  object({
    operation: v.literal("test"),
    kernels: v.pipe(v.array(kernelName), v.minLength(1, "at least one kernel"), v.readonly()),
    boot: v.exactOptional(object(bootEntries)),
    tests: v.exactOptional(
      v.pipe(
        v.array(
          v.union(
            [
              object({ command: text }),
              object({ file: path }),
              object({ kunit: kunitGlob }),
              object({ kselftest: selftests }),
            ],
            "an object with `command`, `file`, `kunit` or `kselftest`",
          ),
        ),
        v.readonly(),
      ),
    ),
    selftests: v.exactOptional(path),
    guest: v.exactOptional(object({ kind: v.literal("embedded"), ...embeddedEntries })),
    command: v.exactOptional(object(limitEntries)),
    results: v.exactOptional(v.literal("ktap")),
    only: v.exactOptional(v.pipe(v.array(word), v.minLength(1, "at least one pattern"), v.readonly())),
    failedIn: v.exactOptional(path),
    baseline: v.exactOptional(path),
    expectedFailures: v.exactOptional(path),
    guests: v.exactOptional(v.picklist(["per-kernel", "per-test"])),
    attempts: v.exactOptional(
      object({
        repeat: v.exactOptional(count),
        until: v.exactOptional(v.literal("failure")),
        retry: v.exactOptional(count),
      }),
    ),
    flaky: v.exactOptional(flaky),
    seed: v.exactOptional(seed),
    jobs: v.exactOptional(count),
    onFailure: v.exactOptional(onFailure),
    ...machineEntries,
  }),
  v.forward(
    v.check(({ kernels, boot }) => boot?.build === undefined || kernels.some(isRevision), NO_REVISION),
    ["boot", "build"],
  ),
);

export const planCells: v.GenericSchema<PlanCellsRequest> = object({
  operation: v.literal("plan-cells"),
  test,
  directory: path,
});

export const runCells: v.GenericSchema<RunCellsRequest> = object({
  operation: v.literal("run-cells"),
  directory: path,
  choice: v.exactOptional(
    v.variant("kind", [
      object({ kind: v.literal("cell"), cell: count }),
      v.pipe(
        object({ kind: v.literal("shard"), shard: count, of: count }),
        v.forward(
          v.check(({ shard, of }) => shard <= of, "a shard that there is"),
          ["shard"],
        ),
      ),
      object({ kind: v.literal("all") }),
    ]),
  ),
  jobs: v.exactOptional(count),
  attempt: v.exactOptional(count),
  flaky: v.exactOptional(flaky),
  seed: v.exactOptional(seed),
});

export const collectCells: v.GenericSchema<CollectCellsRequest> = object({
  operation: v.literal("collect-cells"),
  directory: path,
  wait: v.exactOptional(wait),
  flaky: v.exactOptional(flaky),
  onFailure: v.exactOptional(onFailure),
  baseline: v.exactOptional(path),
  expectedFailures: v.exactOptional(path),
});

export const report: v.GenericSchema<ReportRequest> = object({
  operation: v.literal("report"),
  reports: v.pipe(v.array(path), v.minLength(1, "at least one report"), v.readonly()),
});

export const submitCells: v.GenericSchema<SubmitCellsRequest> = v.pipe(
  object({
    operation: v.literal("submit-cells"),
    test: v.exactOptional(test),
    directory: v.exactOptional(path),
    on: v.variant("kind", [
      object({
        kind: v.literal("slurm"),
        partition: v.exactOptional(
          v.pipe(v.string(), v.regex(/^[^\s,]+(?:,[^\s,]+)*$/, "names of partitions")),
        ),
      }),
      object({
        kind: v.literal("ssh"),
        hosts: v.pipe(v.array(sshHost), v.minLength(1, "at least one host"), v.readonly()),
      }),
    ]),
    jobs: v.exactOptional(count),
    wait: v.exactOptional(wait),
    flaky: v.exactOptional(flaky),
    onFailure: v.exactOptional(onFailure),
  }),
  v.check(({ test: planned, directory }) => (planned ?? directory) !== undefined, "`test` or `directory`"),
  v.check(({ on, wait: waits }) => on.kind === "slurm" || waits !== "no", "hosts by ssh are waited for"),
);
