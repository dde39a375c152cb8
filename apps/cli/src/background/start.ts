import { describeStarted, renderJson, type StartedGuest } from "@vm/operations";
import { writeOutput, writeRemark } from "../output.js";
import { ownSupervisor } from "../own-bin.js";
import { untilInterrupted } from "@vm/terminal";

export { startGuest } from "@vm/operations";

/** What an operation has to know to start a guest in the background. */
interface StartedBy {
  readonly supervisor: readonly [string, ...string[]];
  readonly signal: AbortSignal;
}

/** Says how the start of a guest went. */
export async function tellStarted(
  start: (by: StartedBy) => Promise<StartedGuest>,
  { json }: { readonly json?: true } = {},
): Promise<void> {
  await untilInterrupted(async (signal) => {
    const started = await start({ supervisor: ownSupervisor(), signal });
    if (json === true) writeOutput(renderJson(started));
    else writeRemark(describeStarted(started));
  });
}
