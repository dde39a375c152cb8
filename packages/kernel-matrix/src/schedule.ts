/** Items to be worked off, several at once. */
export interface Schedule<Item, Result> {
  readonly items: readonly Item[];
  /** The most that run at once. */
  readonly jobs: number;
  /** Asked before another one is started beside those that run: is there room for it now? */
  hasRoom(this: void): boolean;
  /** Does one. Never rejects: what goes wrong is a result. `later`: it gets another turn behind all that wait. */
  run(this: void, item: Item): Promise<Result | "later">;
  /** The result of an item whose turn, or next turn, never came. */
  skip(this: void, item: Item): Result;
  /** When it is aborted nothing more is started; those that run are waited for. */
  readonly signal: AbortSignal;
}

/** Runs all items, started in their order, and gives their results in their order. */
export async function runSchedule<Item, Result extends object>({
  items,
  jobs,
  hasRoom,
  run,
  skip,
  signal,
}: Schedule<Item, Result>): Promise<Result[]> {
  const results: Result[] = [];
  const running = new Set<Promise<void>>();
  const queue: (readonly [index: number, item: Item])[] = [...items.entries()];
  const takeTurn = async (index: number, item: Item): Promise<void> => {
    const result = await run(item);
    if (result === "later") queue.push([index, item]);
    else results[index] = result;
  };
  const mayStart = (): boolean => !signal.aborted && running.size < jobs && (running.size === 0 || hasRoom());
  for (;;) {
    while (mayStart()) {
      const next = queue.shift();
      if (next === undefined) break;
      const [index, item] = next;
      const turn = takeTurn(index, item);
      running.add(turn);
      void turn.then(() => running.delete(turn));
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  return items.map((item, index) => results[index] ?? skip(item));
}
