import { quoteShell } from "@vm/command-plan";
import {
  renderJson,
  startGuest,
  type GuestOrder,
  type Host,
  type StartedGuest,
  type UpSign,
} from "@vm/operations";
import { writeNotice, writeOutput } from "../output.js";
import { ownSupervisor } from "../own-bin.js";
import { untilInterrupted } from "./followed-output.js";

/** As for the beginning of a command: many times what a kernel with all its checks switched on takes. */
const usualLimitMs = 900_000;

const signs: Readonly<Record<UpSign, string>> = {
  exec: "it takes commands: vm exec",
  login: "its console asks for a login",
  shell: "a shell is on its console",
  ssh: "its ssh server answers",
};

export interface Waiting {
  readonly until: "started" | "up";
  readonly limitMs?: number;
  readonly json?: true;
}

/** Starts a guest, and says how that went. */
export async function startAndTell(
  order: GuestOrder,
  { until, limitMs = usualLimitMs, json }: Waiting,
  host: Host,
): Promise<void> {
  await untilInterrupted(async (signal) => {
    const started = await startGuest(order, { supervisor: ownSupervisor(), until, limitMs, signal }, host);
    if (json === true) writeOutput(renderJson(started));
    else writeNotice(sentence(started));
  });
}

function sentence({ name, up }: StartedGuest): string {
  const look = `vm console ${quoteShell(name)} shows it`;
  return up === null ? `${name} is starting; ${look}` : `${name} is up (${signs[up]}); ${look}`;
}
