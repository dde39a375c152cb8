/** How often an end of a connection says that it lives. */
const BEAT_MS = 5000;
/** The pieces that silence is counted in. */
const TICK_MS = 1000;

export interface LifeSigns {
  /** Something was heard. */
  heard(): void;
  end(): void;
}

/**
 * Gives signs of life, and looks for those of the other end.
 *
 * @param silenceMs how long the other end may say nothing. It is counted in ticks of this process: one that was itself stopped meanwhile has
 *   not listened.
 */
export function exchangeLifeSigns({
  beat,
  silenceMs,
  onSilent,
}: {
  readonly beat: () => void;
  readonly silenceMs: number;
  readonly onSilent: () => void;
}): LifeSigns {
  let quietMs = 0;
  const beating = setInterval(beat, BEAT_MS);
  const ticking = setInterval(() => {
    quietMs += TICK_MS;
    if (quietMs < silenceMs) return;
    end();
    onSilent();
  }, TICK_MS);
  const end = (): void => {
    clearInterval(beating);
    clearInterval(ticking);
  };
  return { heard: () => (quietMs = 0), end };
}
