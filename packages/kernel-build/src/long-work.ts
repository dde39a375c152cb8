const againMs = 10_000;

/** Says every ten seconds that work goes on. @param say gets the seconds since its beginning */
export async function sayingAgain<Result>(
  work: () => Promise<Result>,
  say: ((elapsedSeconds: number) => void) | undefined,
): Promise<Result> {
  const since = performance.now();
  const timer =
    say === undefined
      ? undefined
      : setInterval(() => say(Math.round((performance.now() - since) / 1000)), againMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
