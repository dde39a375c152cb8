import { codedError, quoteShell } from "@vm/command-plan";
import type { GuestEvent } from "./guest-events.js";

/** How long a kernel that has panicked may take to reboot by itself (`panic=`). */
const REBOOT_MS = 10_000;

/** Tells a boot that goes on from one of which nothing more is to be expected. */
export interface BootWatch {
  /** Takes each event of the guest, in their order. */
  take(event: GuestEvent): void;
  /** Nobody waits any more. */
  close(): void;
}

/** `onStuck`: called once the kernel has panicked, or the boot has given up, before the guest was up, and nothing came of it. */
export function bootWatch(onStuck: (reason: string) => void): BootWatch {
  let isUp = false;
  let timer: NodeJS.Timeout | undefined;
  const give = (reason: string): void => {
    if (!isUp) timer ??= setTimeout(() => onStuck(reason), REBOOT_MS).unref();
  };
  const close = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    take(event) {
      if (event.event === "panic") give(event.line ?? "The kernel panicked.");
      else if (event.event === "stranded") give(event.reason);
      else if (event.event === "reset" || event.event === "up") {
        isUp = event.event === "up";
        close();
      }
    },
    close,
  };
}

/** `GUEST_STUCK`: the guest stays as it is, and what there is to see is on its console. */
export function stuckError(name: string, reason: string): Error {
  return codedError("GUEST_STUCK", `${name} is not up, and will not be: ${reason}`, {
    hint: `It stays as it is: vm logs ${quoteShell(name)} shows what its console said, vm console ${quoteShell(name)} is at it, vm stop ${quoteShell(name)} ends it.`,
  });
}
