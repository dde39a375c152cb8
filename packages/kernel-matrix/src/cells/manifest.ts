import { randomUUID } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { randomName, readRegularText } from "@vm/host-files";
import { readRequest, type KernelCopy, type TestRequest } from "@vm/operations";
import type { Invocation, KernelRow, Problem, SourceIdentity, TestColumn } from "../result.js";
import { fromPlainText, toPlainText } from "./plain-data.js";

/** A matrix cut into cells: all that is needed to run any of them elsewhere. Cell N, from 1 on, counts kernel by kernel. */
export interface Manifest {
  readonly format: "vm-test-plan";
  readonly version: 1;
  /** Of this plan alone: a result says which plan it is of. */
  readonly id: string;
  readonly plannedAt: Date;
  /** What the cells have in common, in the form of requests, with absolute paths. Its kernels and tests are those below. */
  readonly request: TestRequest;
  /** Where the commands run in the guests. */
  readonly cwd: string;
  readonly kernels: readonly PlannedKernel[];
  readonly tests: readonly TestColumn[];
  /** For each test the words that run a cell of it alone, null in the place of the kernel; empty where nobody said them. */
  readonly again: readonly (readonly (string | null)[])[];
  /** The words that asked for it; absent: nobody said them. */
  readonly invocation?: Invocation;
}

/** A kernel of a plan: its row of the reports, and its copy in `kernels/`, or why there is none. */
export interface PlannedKernel {
  readonly row: KernelRow;
  readonly copy: KernelCopy | null;
  readonly problem: Problem | null;
  /** What tells it from others of its name; null where nobody knows, absent in a plan of an older vm. */
  readonly identity?: SourceIdentity | null;
}

const FILE = "plan.json";

export function newManifest(
  content: Pick<Manifest, "again" | "cwd" | "invocation" | "kernels" | "request" | "tests">,
): Manifest {
  return { format: "vm-test-plan", version: 1, id: randomUUID(), plannedAt: new Date(), ...content };
}

/** Writes the manifest of a directory, at once. */
export function writeManifest(directory: string, manifest: Manifest): void {
  const draft = join(directory, `.new-${randomName()}`);
  writeFileSync(draft, toPlainText(manifest));
  renameSync(draft, join(directory, FILE));
}

/** @throws `PLAN_UNREADABLE` for what is no plan, or one of another version of vm */
export function readManifest(directory: string): Manifest {
  const file = join(directory, FILE);
  let text: string;
  try {
    text = readRegularText(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("PLAN_UNREADABLE", `${directory} holds no plan of vm test: ${reason}`, {
      hint: "`vm test -k BUILD ... --plan DIR` makes one.",
      cause,
    });
  }
  try {
    return checked(fromPlainText(text));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("PLAN_UNREADABLE", `${file} is no plan that this vm can read: ${reason}`, {
      hint: "The same version of vm plans, runs and collects.",
      cause,
    });
  }
}

/** How many cells a plan has. */
export function cellCount({ kernels, tests }: Pick<Manifest, "kernels" | "tests">): number {
  return kernels.length * tests.length;
}

/** Whose cell it is, of the first one on, which has the index 0; undefined behind the last one. */
export function cellAt(
  { kernels, tests }: Pick<Manifest, "kernels" | "tests">,
  index: number,
): { readonly kernel: PlannedKernel; readonly test: TestColumn } | undefined {
  const kernel = kernels[Math.floor(index / tests.length)];
  const test = tests[index % tests.length];
  return kernel === undefined || test === undefined ? undefined : { kernel, test };
}

/** What vm wrote is taken as it is, once it says that it is that; its request is checked as one from outside. */
function checked(value: unknown): Manifest {
  if (!isManifest(value)) throw new Error('"format" and "version" are not those of a plan');
  const request = readRequest(value.request, { source: "request" });
  if (request.operation !== "test") throw new Error("its request is for something else");
  return value;
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== "object" || value === null) return false;
  const { format, version, id, cwd, kernels, tests, again }: Partial<Record<string, unknown>> = { ...value };
  return (
    format === "vm-test-plan" &&
    version === 1 &&
    typeof id === "string" &&
    typeof cwd === "string" &&
    Array.isArray(kernels) &&
    Array.isArray(tests) &&
    Array.isArray(again)
  );
}
