import { isDeepStrictEqual } from "node:util";
import type { CellOrigin, CellResult, KernelRow, MatrixResult, RunOrigin } from "../result.js";
import type { Manifest } from "./manifest.js";

/** Where cells of a plan ran, and what their kernels were, as a run on one machine tells it. What is not the same for all each cell tells. */
export function withOrigins(
  { kernels, invocation }: Pick<Manifest, "invocation" | "kernels">,
  cells: readonly CellResult[],
): Pick<MatrixResult, "cells" | "invocation" | "kernels" | "origin"> {
  const rows = kernels.map(({ row, identity }): KernelRow => {
    if (identity === null || identity === undefined) return row;
    const own = cells.flatMap(({ kernel, origin }) =>
      kernel === row.name && origin !== undefined ? [origin] : [],
    );
    const qemu = common(own.map((each) => each.qemu));
    const accelerator = common(own.map((each) => each.accelerator));
    return { ...row, identity: { ...identity, qemu, accelerator } };
  });
  const identities = new Map(rows.map(({ name, identity }) => [name, identity]));
  const origin = common(cells.flatMap((cell) => (cell.origin === undefined ? [] : [machineOf(cell.origin)])));
  const isTold = ({ kernel, origin: own }: CellResult): boolean => {
    const identity = identities.get(kernel);
    return origin !== null && identity?.qemu === own?.qemu && identity?.accelerator === own?.accelerator;
  };
  return {
    kernels: rows,
    cells: cells.map((cell) => {
      if (!isTold(cell)) return cell;
      const { origin: _, ...rest } = cell;
      return rest;
    }),
    origin,
    ...(invocation === undefined ? {} : { invocation }),
  };
}

function machineOf({ vm, host, hostKernel, hostCpus }: CellOrigin): RunOrigin {
  return { vm, host, hostKernel, hostCpus };
}

/** What all of them are; null where they are not the same, or none. */
function common<Each>(values: readonly Each[]): Each | null {
  const [first, ...rest] = values;
  return first !== undefined && rest.every((each) => isDeepStrictEqual(each, first)) ? first : null;
}
