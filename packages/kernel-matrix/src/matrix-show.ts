import type { Invocation, MatrixResult, TestColumn } from "./result.js";
import type { MatrixControl, MatrixEvent } from "./run-matrix.js";

/** How a matrix is watched that runs. */
export interface MatrixWatch {
  readonly onEvent: (event: MatrixEvent) => void;
  readonly onStart: (control: MatrixControl) => void;
}

/** What a front end gives to a matrix that it starts. */
export interface MatrixFrontEnd {
  /** Runs cells, shows how they get on, and then what came of them. */
  show(this: void, total: number, run: (watch: MatrixWatch) => Promise<MatrixResult>): Promise<void>;
  /** The command that runs one test on one kernel again. */
  again(this: void, kernel: string, test: TestColumn): string[];
  /** The words that asked for all of it. */
  readonly invocation: Invocation;
  /** Of the program. */
  readonly version: string;
}
