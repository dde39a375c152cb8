import { resolve } from "node:path";
import { readReport, type Invocation } from "@vm/kernel-matrix";
import type { Caller } from "../caller.js";
import { usageError } from "../usage-error.js";
import { flagOf } from "./option-flag.js";
import type { MatrixOptions } from "./matrix-options.js";

/** A command line of `vm test` that is to be carried out: this one, or an older one again. */
export interface RecalledRun {
  readonly files: readonly string[];
  readonly options: MatrixOptions;
  /** Where it is carried out. */
  readonly cwd: string;
}

/** Files that this run reads and writes. */
const ownFiles = ["report", "junit", "html", "rerunFailed", "baseline"] as const;
/** What is about this run and not about its tests. */
const own: ReadonlySet<string> = new Set([...ownFiles, "json", "full", "jobs", "failFast", "dryRun", "seed"]);
/** What the older run had of these is over. */
const over: ReadonlySet<string> = new Set([
  ...own,
  "plan",
  "run",
  "collect",
  "cell",
  "shard",
  "wait",
  "on",
  "detach",
  "attempt",
  "only",
]);

/**
 * With `--rerun-failed` and no kernel, what the report's run was asked for, in its working directory.
 *
 * @throws USAGE for options that stand in the report already; `REPORT_UNREADABLE`
 */
export function recalledRun(
  files: readonly string[],
  options: MatrixOptions,
  { cwd }: Pick<Caller, "cwd">,
): RecalledRun {
  const { rerunFailed, kernel, plan, run, collect, on } = options;
  if (rerunFailed === undefined || kernel !== undefined || (plan ?? run ?? collect ?? on) !== undefined)
    return { files, options, cwd };
  const { invocation } = readReport(rerunFailed, cwd).report;
  if (invocation === null || invocation === undefined) {
    throw usageError(
      `--rerun-failed: ${rerunFailed} does not say how its run was asked for`,
      "Name kernels and tests as they were named then.",
    );
  }
  const refused = Object.keys(options).find((key) => !own.has(key) && key !== "only");
  if (refused !== undefined || files.length > 0) {
    throw usageError(
      `${refused === undefined ? "a file" : flagOf(refused)} means nothing to --rerun-failed without -k`,
      "What is run, and how, stands in the report; with -k all of it is said anew.",
    );
  }
  const before = Object.entries(invocation.options).filter(([key]) => !over.has(key));
  const here = ownFiles.flatMap((key) => {
    const file = options[key];
    return file === undefined ? [] : [[key, resolve(cwd, file)] as const];
  });
  return {
    files: invocation.files,
    options: { ...Object.fromEntries(before), ...options, ...Object.fromEntries(here) },
    cwd: invocation.cwd,
  };
}

/** The command line for the report, so that it can be asked for again. */
export function invocationOf({ files, options, cwd }: RecalledRun): Invocation {
  const told = Object.entries(options).flatMap(([key, value]): [string, Invocation["options"][string]][] =>
    over.has(key) && key !== "only"
      ? []
      : typeof value === "string" || typeof value === "boolean" || isTexts(value)
        ? [[key, value]]
        : [],
  );
  return { cwd, files: [...files], options: Object.fromEntries(told) };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
