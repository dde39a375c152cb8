import type { MatrixEvent } from "../run-matrix.js";

/** Shows how a matrix gets on. */
export interface Progress {
  event(event: MatrixEvent): void;
  /** Leaves the terminal as it was. May be called twice. */
  end(): void;
}
