import type { CellChoice, CollectCellsRequest, PlanCellsRequest, RunCellsRequest } from "@vm/operations";
import { parseCount } from "../option-values.js";
import { usageError } from "../usage-error.js";
import { flakyPolicy, orderSeed, testRequest, type MatrixOptions } from "./matrix-options.js";

/** What of a matrix that is run in parts, perhaps on many machines, `vm test` is to do. */
export type CellRequest = CollectCellsRequest | PlanCellsRequest | RunCellsRequest;

const tasks = ["plan", "run", "collect"] as const;
type Task = (typeof tasks)[number];

/** What is about the words and files that tell of results. */
const reports = ["report", "junit", "html", "json", "full"] as const;

/** The options that mean something beside --run and --collect; what they run stands in the plan. */
const taken: Readonly<Record<Exclude<Task, "plan">, readonly string[]>> = {
  run: ["run", "cell", "shard", "jobs", "flaky", "seed", "dryRun", ...reports],
  collect: ["collect", "wait", "flaky", "dryRun", ...reports],
};
/** Those that mean nothing to --plan: they are for the runs, or for all of them together. */
const lateOptions: readonly string[] = ["jobs", "failFast", "flaky", "seed", ...reports];

/** What the options ask for beside a run here and now; undefined: nothing. @throws USAGE */
export function cellRequest(files: readonly string[], options: MatrixOptions): CellRequest | undefined {
  const given = tasks.filter((task) => options[task] !== undefined);
  const [task, second] = given;
  if (second !== undefined) throw usageError(`--${task} and --${second} are two different things to do`);
  if (task !== "run" && (options.cell ?? options.shard) !== undefined)
    throw usageError(`${options.cell === undefined ? "--shard" : "--cell"} needs --run DIR`);
  if (task !== "collect" && options.wait !== undefined) throw usageError("--wait needs --collect DIR");
  if (task === undefined) return undefined;
  const directory = options[task] ?? "";
  if (directory === "") throw usageError(`--${task} needs the name of a directory`);
  refuseOthers(task, files, options);
  switch (task) {
    case "plan":
      return { operation: "plan-cells", test: testRequest(files, options), directory };
    case "run": {
      const { jobs } = options;
      return {
        operation: "run-cells",
        directory,
        choice: cellChoice(options),
        ...(jobs === undefined ? {} : { jobs: parseCount(jobs, "-j") }),
        ...flakyPolicy(options),
        ...orderSeed(options),
      };
    }
    case "collect":
      return {
        operation: "collect-cells",
        directory,
        ...(options.wait === true ? { wait: "until-answered" } : {}),
        ...flakyPolicy(options),
      };
    default:
      return task satisfies never;
  }
}

function refuseOthers(task: Task, files: readonly string[], options: MatrixOptions): void {
  const isMeant = (key: string): boolean =>
    task === "plan" ? !lateOptions.includes(key) : taken[task].includes(key);
  const refused = Object.keys(options).find((key) => !isMeant(key));
  if (refused !== undefined) {
    throw usageError(
      `${flagOf(refused)} means nothing to --${task}`,
      task === "plan" ? "It goes with --run or --collect." : "What is run, and how, stands in the plan.",
    );
  }
  if (task !== "plan" && files.length > 0)
    throw usageError(`--${task} takes no files: the tests stand in the plan`);
}

const shortFlags: Readonly<Record<string, string>> = {
  kernel: "-k",
  jobs: "-j",
  append: "-a",
  cpus: "-c",
  memory: "-m",
};

function flagOf(key: string): string {
  return shortFlags[key] ?? `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
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
