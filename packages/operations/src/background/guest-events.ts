import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { writeAll } from "@vm/command-plan";
import type { UpSign } from "./guest-order.js";

/** What happens to a guest in the background: a line of `vm events`, with `at` (ISO 8601, UTC) in front. */
export type GuestEvent =
  /** QEMU runs. */
  | { readonly event: "started" }
  | { readonly event: "up"; readonly by: UpSign }
  /** The kernel panicked: seen on its console, or told by its panic device. */
  | { readonly event: "panic"; readonly by: "console" | "qemu"; readonly line?: string }
  /** The boot has given up, and waits for a person at the console: emergency mode, a shell of the initramfs. */
  | { readonly event: "stranded"; readonly reason: string }
  /** The watchdog device ran out, and QEMU did that. */
  | { readonly event: "watchdog"; readonly action: string }
  | { readonly event: "reset" | "paused" | "resumed" }
  /** The guest has powered off, or its QEMU was ended: `exitCode` as docs/exit-codes.md has it. */
  | { readonly event: "exit"; readonly exitCode: number; readonly sentence: string };

/** The file in a guest's entry that they stand in, one a line, as JSON. */
export function eventsFile(entry: string): string {
  return join(entry, "events");
}

export interface EventLog {
  add(event: GuestEvent): void;
  close(): void;
}

export function openEventLog(entry: string): EventLog {
  const fd = openSync(eventsFile(entry), "a", 0o600);
  return {
    add: (event) => writeAll(fd, `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`),
    close: () => closeSync(fd),
  };
}
