import type { MatrixEvent } from "../run-matrix.js";

/** Shows how a matrix gets on. */
export interface Progress {
  event(this: void, event: MatrixEvent): void;
  /** Leaves the terminal as it was, and shows nothing more. May be called twice. */
  end(this: void): void;
}
