import { expect, test } from "vitest";
import { withOrigins } from "../../src/cells/cell-origins.js";
import type { PlannedKernel } from "../../src/cells/manifest.js";
import type { CellOrigin, CellResult } from "../../src/result.js";

const row = { given: "k", release: null, tree: null, image: null, warnings: [] };
const source = { commit: "v7.2", configSha256: "c", imageSha256: "i" };
const machine = { vm: "0.2.0", host: "a", hostKernel: "7.1", hostCpus: 2 };
const place: CellOrigin = { ...machine, qemu: "11.1.0", accelerator: "kvm" };

function kernels(...names: readonly string[]): PlannedKernel[] {
  return names.map((name) => ({ row: { ...row, name }, copy: null, problem: null, identity: source }));
}

function cell(kernel: string, name: string, origin?: CellOrigin): CellResult {
  const end = { kind: "skipped", reason: "why" } as const;
  return { kernel, test: name, end, ...(origin === undefined ? {} : { origin }) };
}

test("cells that all ran on one machine are told as a run there", () => {
  const cells = [cell("k", "1", place), cell("k", "2", place), cell("k", "3")];
  const invocation = { cwd: "/", files: [], options: { kernel: ["k"] } };
  const told = withOrigins({ kernels: kernels("k"), invocation }, cells);
  expect(told).toEqual({
    kernels: [{ ...row, name: "k", identity: { ...source, qemu: "11.1.0", accelerator: "kvm" } }],
    cells: [cell("k", "1"), cell("k", "2"), cell("k", "3")],
    origin: machine,
    invocation,
  });
});

test("what is not the same for all cells each of them tells, and nothing is told for all", () => {
  const other: CellOrigin = { ...place, host: "b", qemu: "10.0.2", accelerator: "tcg" };
  const cells = [cell("k", "1", place), cell("k", "2", other), cell("l", "1", other), cell("l", "2")];
  expect(withOrigins({ kernels: kernels("k", "l") }, cells)).toEqual({
    kernels: [
      { ...row, name: "k", identity: { ...source, qemu: null, accelerator: null } },
      { ...row, name: "l", identity: { ...source, qemu: "10.0.2", accelerator: "tcg" } },
    ],
    cells,
    origin: null,
  });
});

test("two QEMUs on one machine are told by the cells", () => {
  const cells = [cell("k", "1", place), cell("k", "2", { ...place, qemu: "10.0.2" })];
  const { cells: told, origin, kernels: rows } = withOrigins({ kernels: kernels("k") }, cells);
  expect([told, origin, rows[0]?.identity]).toEqual([
    cells,
    machine,
    { ...source, qemu: null, accelerator: "kvm" },
  ]);
});

test("where nothing ran, it is known what the kernels were", () => {
  const told = withOrigins({ kernels: kernels("k") }, [cell("k", "1")]);
  expect([told.origin, told.kernels[0]?.identity]).toEqual([
    null,
    { ...source, qemu: null, accelerator: null },
  ]);
});
