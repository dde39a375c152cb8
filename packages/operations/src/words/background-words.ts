import { quoteShell } from "@vm/command-plan";
import type { UpSign } from "../background/guest-order.js";
import type { StartedGuest } from "../background/start-guest.js";
import type { StoppedGuests } from "../running/stop.js";

const signs: Readonly<Record<UpSign, string>> = {
  exec: "it takes commands: vm exec",
  login: "its console asks for a login",
  shell: "a shell is on its console",
  ssh: "its ssh server answers",
};

/** How a guest was started, as a sentence. */
export function describeStarted({ name, up }: StartedGuest): string {
  const look = `vm console ${quoteShell(name)} shows it`;
  return up === null ? `${name} is starting; ${look}` : `${name} is up (${signs[up]}); ${look}`;
}

/** What it took to end a guest that did not power off by itself; undefined for one that did. */
export function describeStopped({ name, how }: StoppedGuests["stopped"][number]): string | undefined {
  switch (how) {
    case "powered-off":
      return undefined;
    case "quit":
      return `${name} did not power off: QEMU was told to quit`;
    case "killed":
      return `${name} did not power off: QEMU was killed`;
    default:
      return how satisfies never;
  }
}
