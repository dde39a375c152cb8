import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { makeDirectory } from "@vm/host-files";
import { copyKernel, type Host, type PlanCellsRequest, type TestRequest } from "@vm/operations";
import { prepareKernel, type NamedKernel } from "../prepare-kernel.js";
import { sourceIdentity } from "../kernel-identity.js";
import type { MatrixFrontEnd } from "../matrix-show.js";
import { problemOf, type TestColumn } from "../result.js";
import type { CellSettings } from "../run-cell.js";
import { planTests, sayOnce, type TestPlan } from "../test-run.js";
import { cellCount, newManifest, writeManifest, type PlannedKernel } from "./manifest.js";

/** A plan that stands in a directory. */
export interface WrittenPlan {
  /** Absolute. */
  readonly directory: string;
  readonly cells: number;
}

/**
 * Prepares a matrix once, and writes all that its cells need into a directory: kernels with their modules, tests, and what they have in
 * common. What belongs to the machine that runs a cell (accelerator, QEMU) is chosen there.
 *
 * @throws `PLAN_EXISTS` where something is in the directory; `PLAN_UNWRITABLE`, and what `planTests` throws
 */
export async function planCells(
  { test: request, directory }: PlanCellsRequest,
  host: Host,
  { again, invocation }: Partial<Pick<MatrixFrontEnd, "again" | "invocation">> = {},
): Promise<WrittenPlan> {
  const place = resolve(host.cwd, directory);
  const plan = planTests(request, host);
  if (plan.selftests !== undefined) {
    throw codedError(
      "SELFTESTS_UNPLANNED",
      "a plan has no selftests: they are built on the machine that runs them",
      {
        hint: "Run them with vm test here, or install them where all machines are and run that with --exec.",
      },
    );
  }
  makePlace(place);
  const kernels: PlannedKernel[] = [];
  const once = sayOnce(host);
  for (const kernel of plan.kernels) kernels.push(await packKernel(kernel, plan, place, once));
  const manifest = newManifest({
    request: portable(request, plan, host),
    cwd: host.cwd,
    kernels,
    tests: plan.tests,
    again: againWords(plan.tests, again),
    ...(invocation === undefined ? {} : { invocation }),
  });
  writable(place, () => writeManifest(place, manifest));
  return { directory: place, cells: cellCount(manifest) };
}

/** Makes a kernel ready as for a run here, so that what is wrong with it is known now, and copies it. */
async function packKernel(
  kernel: NamedKernel,
  { preparation }: TestPlan,
  place: string,
  host: Host,
): Promise<PlannedKernel> {
  const prepared = await prepareKernel(kernel, preparation, host);
  const { row } = prepared;
  if (prepared.kind === "unusable") return { row, copy: null, problem: prepared.problem, identity: null };
  const identity = await sourceIdentity(prepared.build, host);
  try {
    const copy = copyKernel(prepared.build, join(place, "kernels"));
    const given = join(place, "kernels", copy.name);
    // The index of the copy's modules and its initramfs stay in the cache: cells that run here, or share it, find them.
    await prepareKernel({ name: row.name, given }, preparation, { ...host, notice: () => {} });
    return { row, copy, problem: null, identity };
  } catch (error) {
    // The disk is full for all kernels, and says nothing of this one.
    const cause = error instanceof Error ? error.cause : error;
    if (["EDQUOT", "ENOSPC"].includes(errorCode(cause) ?? "")) {
      writable(place, (): never => {
        throw cause;
      });
    }
    return { row, copy: null, problem: problemOf(error, row.given), identity };
  }
}

/** A thousand cells have the words of their tests in common, but for the kernel's name. */
function againWords(tests: readonly TestColumn[], again: CellSettings["again"]): (string | null)[][] {
  if (again === undefined) return [];
  const mark = randomUUID();
  return tests.map((test) => again(mark, test).map((word) => (word === mark ? null : word)));
}

/** The request with what this host alone would read otherwise: paths, and the network of its config.json. */
function portable(
  { kernels, boot, guest, command, cpus, memory, accelerator, qemu, attempts }: TestRequest,
  { settings }: TestPlan,
  { cwd }: Host,
): TestRequest {
  const { root, shares = [] } = guest ?? {};
  const { network } = settings.guest;
  const { build: _, ...booted } = boot ?? {};
  return {
    operation: "test",
    kernels,
    boot: {
      ...booted,
      ...(booted.busybox === undefined ? {} : { busybox: resolve(cwd, booted.busybox) }),
    },
    guest: {
      ...guest,
      kind: "embedded",
      ...(root === undefined ? {} : { root: resolve(cwd, root) }),
      shares: shares.map((share) => ({ ...share, path: resolve(cwd, share.path) })),
      ...(network === undefined ? {} : { network }),
    },
    ...(command === undefined ? {} : { command }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(memory === undefined ? {} : { memory }),
    ...(accelerator === undefined ? {} : { accelerator }),
    ...(qemu === undefined ? {} : { qemu: qemu.includes("/") ? resolve(cwd, qemu) : qemu }),
    ...(attempts === undefined ? {} : { attempts }),
  };
}

function makePlace(place: string): void {
  writable(place, () => makeDirectory(place));
  if (writable(place, () => readdirSync(place)).length > 0) {
    throw codedError("PLAN_EXISTS", `${place} is not empty: a plan is written into a directory of its own`, {
      hint: "Name one that is not there, or remove this one.",
    });
  }
  for (const name of ["kernels", "results"]) writable(place, () => mkdirSync(join(place, name)));
}

function writable<Result>(place: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("PLAN_UNWRITABLE", `the plan cannot be written into ${place}: ${reason}`, {
      ...(errorCode(cause) === "ENOSPC" ? { hint: "It holds a copy of each kernel and its modules." } : {}),
      cause,
    });
  }
}
