/** Who begins the cells of a plan, while their answers are waited for. */
export interface CellQueue {
  /**
   * Asks which cells will have no more attempts: an answer that is not there now never comes.
   *
   * @returns for each such cell, from 1 on, how its last attempt ended, as words behind "no answer: "; null where the queue does not answer
   */
  ended(): Promise<ReadonlyMap<number, string> | null>;
  /** What more there is to say of a cell that ended without an answer, in words that follow those of `ended`. */
  explain(cell: number): Promise<string>;
  /** Ends all that is left of it. Resolves when no guest runs any more. @throws where that cannot be said */
  cancel(): Promise<void>;
  /** How often it may be asked, in milliseconds. */
  readonly pauseMs: number;
}
