import { quoteShell } from "@vm/command-plan";
import { renderJson, type StartedGuest, type UpSign } from "@vm/operations";
import { writeNotice, writeOutput } from "../output.js";
import { ownSupervisor } from "../own-bin.js";
import { untilInterrupted } from "./followed-output.js";

const signs: Readonly<Record<UpSign, string>> = {
  exec: "it takes commands: vm exec",
  login: "its console asks for a login",
  shell: "a shell is on its console",
  ssh: "its ssh server answers",
};

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
    else writeNotice(sentence(started));
  });
}

function sentence({ name, up }: StartedGuest): string {
  const look = `vm console ${quoteShell(name)} shows it`;
  return up === null ? `${name} is starting; ${look}` : `${name} is up (${signs[up]}); ${look}`;
}
