import { resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { readRegularText } from "@vm/host-files";
import type { MatrixReport } from "../report/json.js";

/** A report of `vm test --report` that was read back. */
export interface OldReport {
  /** As the person named it. */
  readonly name: string;
  readonly report: MatrixReport;
}

/** Reads what `vm test --report` wrote. @throws `REPORT_UNREADABLE` for what is no such report, or one of another version of vm */
export function readReport(name: string, cwd: string): OldReport {
  try {
    const value: unknown = JSON.parse(readRegularText(resolve(cwd, name)));
    if (!isMatrixReport(value)) throw new Error("it is no JSON report of vm test");
    return { name, report: value };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("REPORT_UNREADABLE", `the report ${name} cannot be used: ${reason}`, {
      hint: "`vm test ... --report FILE` writes one.",
      cause,
    });
  }
}

function isMatrixReport(value: unknown): value is MatrixReport {
  if (!isObject(value)) return false;
  const { format, version, kernels, cells, startedAt } = value;
  return (
    format === "vm-test" &&
    version === 1 &&
    typeof startedAt === "string" &&
    Array.isArray(kernels) &&
    kernels.every((each) => isObject(each) && typeof each["name"] === "string") &&
    Array.isArray(cells) &&
    cells.every(isCell)
  );
}

function isCell(cell: unknown): boolean {
  if (!isObject(cell)) return false;
  const { kernel, test, verdict, reason, run } = cell;
  const texts = [kernel, test, verdict, reason].every((each) => typeof each === "string");
  if (!texts || run === null) return texts;
  if (!isObject(run) || !isObject(run["durations"])) return false;
  const { subtests } = run;
  return (
    subtests === null ||
    (isObject(subtests) && Array.isArray(subtests["tests"]) && subtests["tests"].every(isSubtest))
  );
}

function isSubtest(test: unknown): boolean {
  if (!isObject(test)) return false;
  const { name, status, subtests } = test;
  return (
    typeof name === "string" &&
    typeof status === "string" &&
    Array.isArray(subtests) &&
    subtests.every(isSubtest)
  );
}

function isObject(value: unknown): value is Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
