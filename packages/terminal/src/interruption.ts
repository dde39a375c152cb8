/** Ends what is followed when the person does not want any more: Ctrl-C is the usual end of it, and no failure. */
export async function untilInterrupted(action: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const onSignal = (): void => controller.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, onSignal);
  try {
    await action(controller.signal);
  } finally {
    for (const name of signals) process.off(name, onSignal);
  }
}
