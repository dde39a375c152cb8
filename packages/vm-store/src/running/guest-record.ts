import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessIdentity } from "../process-identity.js";

/**
 * What a guest has in its entry to be reached by: files of these names, each a UNIX socket.
 *
 * `qmp`: QEMU's machine protocol, one client at a time, each for a moment. `console`: the serial console, for any number of clients: bytes both
 * ways. `control`: whoever watches over the guest. `exec`: a port into the guest for commands (docs/guest-contract.md).
 */
export type GuestSocket = "qmp" | "console" | "control" | "exec";

/** A running guest, as its entry says it. All of it survives JSON. */
export interface GuestRecord {
  /** The VM's name, or the one that an embedded guest was given. */
  readonly name: string;
  readonly kind: "vm" | "embedded";
  /** The directory of the VMs (VM_HOME) in which the name means this guest. Absolute. */
  readonly home: string;
  /** The VM's directory. Absolute; absent: an embedded guest has none. */
  readonly directory?: string;
  /** The host's directory that is an embedded guest's root. Absolute; absent: `/`. */
  readonly root?: string;
  /** The host's kernel that it boots: its release, or its file where nobody knows it. Absent: what is on its disk. */
  readonly kernel?: string;
  /** Since when: ISO 8601, UTC. */
  readonly since: string;
  /** By whom: a user's name, or number. */
  readonly user: string;
  /** The command that started it, as it was typed. */
  readonly command: readonly string[];
  /** How it is started again in the same way: plain data for who started it. Absent: it runs on a terminal. */
  readonly order?: unknown;
  /** Who watches over it, and QEMU once it was started. For information only: whether the guest lives says the entry's lock alone. */
  readonly supervisor: ProcessIdentity;
  readonly qemu?: ProcessIdentity;
  /** What it can be reached by. */
  readonly offers: readonly GuestSocket[];
  /** The console's log; what was in it before it was full is in `LOG.1`. Absolute; absent: nobody keeps one. */
  readonly log?: string;
  /** The systemd unit that it is, of the user's own manager. */
  readonly unit?: string;
}

const RECORD_FILE = "guest.json";

/** Writes it whole or not at all. */
export function writeRecord(entry: string, record: GuestRecord): void {
  const draft = join(entry, `${RECORD_FILE}.new`);
  writeFileSync(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(draft, join(entry, RECORD_FILE));
}

/** What the entry says; undefined while nothing is said, and where another version of vm says it in another way. */
export function readRecord(entry: string): GuestRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(join(entry, RECORD_FILE), "utf8"));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is GuestRecord {
  if (typeof value !== "object" || value === null) return false;
  const record: Partial<Record<keyof GuestRecord, unknown>> = value;
  return (
    [record.name, record.home, record.since, record.user].every((text) => typeof text === "string") &&
    (record.kind === "vm" || record.kind === "embedded") &&
    Array.isArray(record.command) &&
    Array.isArray(record.offers) &&
    typeof record.supervisor === "object"
  );
}
