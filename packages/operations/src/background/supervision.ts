import type { Writable } from "node:stream";
import type { GuestEntry } from "@vm/vm-store";
import type { Host } from "../host.js";
import type { ConsoleRelay } from "./console-relay.js";
import type { GuestWatch } from "./guest-watch.js";

/** What somebody who watches over a guest has in hand. */
export interface Supervision {
  readonly entry: GuestEntry;
  readonly host: Host;
  readonly watch: GuestWatch;
  /** Aborted when the guest is to end in an orderly way. */
  readonly stop: AbortSignal;
  /** Opens the console for people, once there is somewhere for what they type. */
  openConsole(this: void, input: Writable): Promise<ConsoleRelay>;
  /** QEMU runs now, and can be reached by all that the entry offers, and by `offers`. */
  started(this: void, qemuPid: number | null, offers: readonly "exec"[]): void;
}

/** How a guest ended: the code of docs/exit-codes.md, and a sentence for a person. */
export interface SupervisedEnd {
  readonly exitCode: number;
  readonly sentence: string;
}
