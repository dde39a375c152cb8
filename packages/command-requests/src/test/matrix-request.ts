import { withRunDefaults, type Host, type TestRequest } from "@vm/operations";
import type { Caller } from "../caller.js";
import { cellRequest, type CellRequest } from "./cell-options.js";
import { testRequest, type MatrixOptions } from "./matrix-options.js";

/** What is asked for with `vm test`, with the defaults of vm.config.json and config.json. @throws USAGE */
export function matrixRequest(
  files: readonly string[],
  options: MatrixOptions,
  caller: Caller,
  host: Host,
): CellRequest | TestRequest {
  const cells = cellRequest(files, options, caller);
  if (cells === undefined) return withRunDefaults(testRequest(files, options, caller), host);
  if (!("test" in cells) || cells.test === undefined) return cells;
  return { ...cells, test: withRunDefaults(cells.test, host) };
}
