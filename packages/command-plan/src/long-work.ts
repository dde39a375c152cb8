/** When work that takes long is told of, in seconds: first, and from then on. */
const longAfter = { first: 1, again: 10 } as const;

/**
 * Does a piece of work, and tells of it while it takes long: when a second is over, and then every ten.
 * @param tell gets the seconds that have gone by, rounded
 */
export async function tellWhileLong<Result>(
  tell: (elapsedSeconds: number) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const since = performance.now();
  const tellNow = (): void => tell(Math.round((performance.now() - since) / 1000));
  let again: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    tellNow();
    again = setInterval(tellNow, longAfter.again * 1000);
  }, longAfter.first * 1000);
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(again);
  }
}
