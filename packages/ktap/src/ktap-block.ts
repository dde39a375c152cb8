import type { KtapTest } from "./ktap-report.js";

/** Lines that are kept for a test that failed. */
export const DIAGNOSTICS_OF_A_TEST = 40;
const LONGEST_DIAGNOSTIC = 1_000;

/** Results of the same level, whose parent's result is not there yet. */
export interface Block {
  /** The column of its header. */
  readonly indent: number;
  /** Columns of `# ` that belong to its indentation: kselftest's way to nest. */
  readonly hashes: readonly number[];
  name: string | null;
  plan: number | null;
  readonly tests: KtapTest[];
  readonly numbers: Set<number>;
  highest: number;
  /** Of blocks that were closed: the subtests of the next result. */
  pending: KtapTest[];
  pendingName: string | null;
  diagnostics: string[];
}

export function newBlock(indent: number, hashes: readonly number[]): Block {
  return {
    indent,
    hashes,
    name: null,
    plan: null,
    tests: [],
    numbers: new Set(),
    highest: 0,
    pending: [],
    pendingName: null,
    diagnostics: [],
  };
}

/** Keeps a line for the next result; of many the last ones. */
export function keepDiagnostic(block: Block, text: string): void {
  block.diagnostics.push(text.slice(0, LONGEST_DIAGNOSTIC));
  if (block.diagnostics.length > DIAGNOSTICS_OF_A_TEST * 2) {
    block.diagnostics = block.diagnostics.slice(-DIAGNOSTICS_OF_A_TEST);
  }
}
