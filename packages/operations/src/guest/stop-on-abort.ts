import { constants } from "node:os";

/**
 * Lets an abort stop guests, as SIGTERM would; at once where it is aborted already.
 *
 * @returns takes that back
 */
export function stopOnAbort(
  signal: AbortSignal | undefined,
  control: { stop(signal: number): void },
): () => void {
  const stop = (): void => control.stop(constants.signals.SIGTERM);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted === true) stop();
  return () => signal?.removeEventListener("abort", stop);
}
