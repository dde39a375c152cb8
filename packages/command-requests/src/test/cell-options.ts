import type {
  CellChoice,
  CollectCellsRequest,
  PlanCellsRequest,
  RunCellsRequest,
  SubmitCellsRequest,
} from "@vm/operations";
import type { Caller } from "../caller.js";
import { parseCount } from "../option-values.js";
import { usageError } from "../usage-error.js";
import {
  expectedFailures,
  isSelftests,
  flakyPolicy,
  orderSeed,
  testRequest,
  type MatrixOptions,
} from "./matrix-options.js";
import { flagOf } from "./option-flag.js";

/** What of a matrix that is run in parts, perhaps on many machines, `vm test` is to do. */
export type CellRequest = PlanRequest | SubmitCellsRequest;

/** What this machine does with a plan. */
export type PlanRequest = CollectCellsRequest | PlanCellsRequest | RunCellsRequest;

const tasks = ["plan", "run", "collect"] as const;
type Task = (typeof tasks)[number];

/** What is about the words and files that tell of results. */
const reports = ["report", "junit", "html", "json", "full"] as const;

/** The options that mean something beside --run and --collect; what they run stands in the plan. */
const taken: Readonly<Record<Exclude<Task, "plan">, readonly string[]>> = {
  run: ["run", "cell", "shard", "attempt", "jobs", "flaky", "seed", "dryRun", ...reports],
  collect: ["collect", "wait", "failFast", "flaky", "baseline", "expectedFailures", "dryRun", ...reports],
};
/** Those that mean nothing to --plan: they are for the runs, or for all of them together. */
const lateOptions: readonly string[] = [
  "jobs",
  "failFast",
  "flaky",
  "seed",
  "baseline",
  "expectedFailures",
  "rerunFailed",
  ...reports,
];

/** What the options ask for beside a run here and now; undefined: nothing. @throws USAGE */
export function cellRequest(
  files: readonly string[],
  options: MatrixOptions,
  caller: Pick<Caller, "env">,
): CellRequest | undefined {
  const given = tasks.filter((task) => options[task] !== undefined);
  const [task, second] = given;
  if (second !== undefined) throw usageError(`--${task} and --${second} are two different things to do`);
  if (task !== "run" && (options.cell ?? options.shard) !== undefined)
    throw usageError(`${options.cell === undefined ? "--shard" : "--cell"} needs --run DIR`);
  if (task !== "collect" && options.wait !== undefined) throw usageError("--wait needs --collect DIR");
  if (task !== "run" && options.attempt !== undefined) throw usageError("--attempt needs --run DIR");
  if (options.detach !== undefined && options.on === undefined) throw usageError("--detach needs --on slurm");
  if (options.guest !== undefined && (options.on ?? task) !== undefined)
    throw usageError("--guest means nothing to cells that run apart", "Each has a guest of its own.");
  if ((options.on ?? options.plan) !== undefined && files.some(isSelftests))
    throw usageError(
      "kselftest means nothing to cells that run apart",
      "They are built on the machine that runs them.",
    );
  if (options.on !== undefined) return submission(task, options.on, files, options, caller);
  if (task === undefined) return undefined;
  const directory = options[task] ?? "";
  if (directory === "") throw usageError(`--${task} needs the name of a directory`);
  refuseOthers(task, files, options);
  switch (task) {
    case "plan":
      return { operation: "plan-cells", test: testRequest(files, options, caller), directory };
    case "run": {
      const { jobs, attempt } = options;
      return {
        operation: "run-cells",
        directory,
        choice: cellChoice(options),
        ...(jobs === undefined ? {} : { jobs: parseCount(jobs, "-j") }),
        ...(attempt === undefined ? {} : { attempt: parseCount(attempt, "--attempt") }),
        ...flakyPolicy(options),
        ...orderSeed(options),
      };
    }
    case "collect":
      if (options.failFast === true && options.wait !== true)
        throw usageError("--fail-fast means nothing to --collect without --wait");
      return {
        operation: "collect-cells",
        directory,
        ...(options.wait === true ? { wait: "until-answered" } : {}),
        ...flakyPolicy(options),
        ...failurePolicy(options),
        ...expectedFailures(options),
        ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
      };
    default:
      return task satisfies never;
  }
}

/** What a plan that is there leaves to say to --on. */
const takenByMade: readonly string[] = [
  "on",
  "detach",
  "run",
  "jobs",
  "failFast",
  "flaky",
  "dryRun",
  ...reports,
];

function submission(
  task: Task | undefined,
  on: string,
  files: readonly string[],
  options: MatrixOptions,
  caller: Pick<Caller, "env">,
): SubmitCellsRequest {
  if (task === "collect")
    throw usageError("--on means nothing to --collect", "What was submitted stands in the plan.");
  const place = placeOf(on);
  const { detach, jobs, plan, run } = options;
  if (plan === "" || run === "") throw usageError(`--${task} needs the name of a directory`);
  const given = (keys: readonly string[]): string | undefined =>
    keys.find((key) => Object.hasOwn(options, key));
  if (run !== undefined) {
    const refused = Object.keys(options).find((key) => !takenByMade.includes(key));
    if (refused !== undefined)
      throw usageError(`${flagOf(refused)} means nothing to --run with --on`, "All cells are run.");
    refuseFiles("run", files);
  }
  const local = given(["seed", "untilFail"]);
  if (local !== undefined) {
    throw usageError(
      `${flagOf(local)} means nothing to --on`,
      "Cells that run elsewhere have no order, and know nothing of each other.",
    );
  }
  const here = given(["rerunFailed", "baseline", "expectedFailures"]);
  if (here !== undefined) {
    throw usageError(
      `${flagOf(here)} means nothing to --on`,
      "--collect DIR takes --baseline and --expected-failures.",
    );
  }
  if (detach === true && place.kind === "ssh")
    throw usageError("--detach means nothing to --on ssh", "What the hosts run ends with this command.");
  const late = detach === true ? given([...reports, "failFast", "flaky"]) : undefined;
  if (late !== undefined)
    throw usageError(`${flagOf(late)} means nothing to --detach`, "It goes with --collect DIR --wait.");
  const directory = run ?? plan;
  return {
    operation: "submit-cells",
    ...(run === undefined ? { test: testRequest(files, options, caller) } : {}),
    ...(directory === undefined ? {} : { directory }),
    on: place,
    ...(jobs === undefined ? {} : { jobs: parseCount(jobs, "-j") }),
    ...(detach === true ? { wait: "no" } : {}),
    ...flakyPolicy(options),
    ...failurePolicy(options),
  };
}

function failurePolicy({ failFast }: MatrixOptions): Pick<SubmitCellsRequest, "onFailure"> {
  return failFast === true ? { onFailure: "stop" } : {};
}

function placeOf(on: string): SubmitCellsRequest["on"] {
  const [, list] = /^ssh:(.*)$/s.exec(on) ?? [];
  if (list !== undefined) {
    const hosts = list.split(",");
    const bad = hosts.find((host) => !/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u.test(host));
    if (bad !== undefined) throw usageError(`--on: ${JSON.stringify(bad)} is no host as ssh takes it`);
    const twice = hosts.find((host, index) => hosts.indexOf(host) !== index);
    if (twice !== undefined) throw usageError(`--on: ${twice} is named twice`);
    return { kind: "ssh", hosts };
  }
  const [all, partition] = /^slurm(?::([^\s,]+(?:,[^\s,]+)*))?$/.exec(on) ?? [];
  if (all === undefined)
    throw usageError(
      `--on: expected slurm, slurm:PARTITION or ssh:HOST[,HOST...], got ${JSON.stringify(on)}`,
    );
  return { kind: "slurm", ...(partition === undefined ? {} : { partition }) };
}

function refuseOthers(task: Task, files: readonly string[], options: MatrixOptions): void {
  const isMeant = (key: string): boolean =>
    task === "plan" ? !lateOptions.includes(key) : taken[task].includes(key);
  const refused = Object.keys(options).find((key) => !isMeant(key));
  if (refused !== undefined) {
    throw usageError(
      `${flagOf(refused)} means nothing to --${task}`,
      task === "plan" ? placeOfLate(refused) : "What is run, and how, stands in the plan.",
    );
  }
  if (task !== "plan") refuseFiles(task, files);
}

/** Where an option goes that means nothing to --plan. */
function placeOfLate(key: string): string {
  const places = (["run", "collect"] as const).filter((task) => taken[task].includes(key));
  return places.length === 0
    ? "A plan has all of its cells."
    : `It goes with ${places.map((task) => `--${task}`).join(" or ")}.`;
}

function refuseFiles(task: Task, files: readonly string[]): void {
  if (files.length > 0) throw usageError(`--${task} takes no files: the tests stand in the plan`);
}

function cellChoice({ cell, shard }: MatrixOptions): CellChoice {
  if (cell !== undefined && shard !== undefined)
    throw usageError("--cell and --shard are two different choices");
  if (cell !== undefined) return { kind: "cell", cell: parseCount(cell, "--cell") };
  if (shard === undefined) return { kind: "all" };
  const [, first, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(shard) ?? [];
  const [part, parts] = [Number(first), Number(of)];
  if (first === undefined || part < 1 || part > parts) {
    throw usageError(`--shard: expected such as 3/10, from 1/10 to 10/10, got ${JSON.stringify(shard)}`);
  }
  return { kind: "shard", shard: part, of: parts };
}
