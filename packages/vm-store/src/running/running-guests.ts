import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../user-config.js";
import { entryName, isAlive, realPath } from "./guest-entry.js";
import { readRecord, type GuestRecord, type GuestSocket } from "./guest-record.js";
import { isTrusted, runtimeDirectories } from "./runtime-directory.js";

/** A guest that runs now. */
export interface RunningGuest extends GuestRecord {
  /** Its place in the runtime directory. Absolute. */
  readonly entry: string;
  /** Where it can be reached. Absolute. */
  readonly sockets: { readonly [name in GuestSocket]?: string };
}

/**
 * The running guests of this user that have an entry, sorted by name: of one directory of VMs, or of all; of one kind, or of both. What dead ones of
 * them left is removed.
 * @throws FLOCK_NOT_FOUND
 */
export function listRunningGuests(
  env: Environment,
  { home, kind }: { readonly home?: string; readonly kind?: GuestRecord["kind"] } = {},
): RunningGuest[] {
  const place = home === undefined ? undefined : realPath(home);
  const isWanted: Choice = (record) =>
    (kind === undefined || record?.kind === kind) &&
    (place === undefined || record === undefined || realPath(record.home) === place);
  return runtimeDirectories(env)
    .filter(isTrusted)
    .flatMap((directory) => entriesIn(directory).map((name) => readEntry(join(directory, name), isWanted)))
    .filter((guest) => guest !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The running guest of that name in a directory of VMs; undefined where none has an entry. @throws FLOCK_NOT_FOUND */
export function findRunningGuest(
  guest: Pick<GuestRecord, "home" | "name">,
  env: Environment,
): RunningGuest | undefined {
  const name = entryName(guest);
  for (const directory of runtimeDirectories(env).filter(isTrusted)) {
    const found = readEntry(join(directory, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** By the record, where it can be read. */
type Choice = (record: GuestRecord | undefined) => boolean;

/** @param isWanted whether others are alive is not asked, which costs a program each */
function readEntry(entry: string, isWanted: Choice = () => true): RunningGuest | undefined {
  if (!isWanted(readRecord(entry))) return undefined;
  if (!isAlive(entry)) return undefined;
  // Locked first and written then: for an instant it says nothing, and its guest is not there yet.
  const record = readRecord(entry);
  if (record === undefined || !isWanted(record)) return undefined;
  const sockets = Object.fromEntries(record.offers.map((name) => [name, join(entry, name)]));
  return { ...record, entry, sockets };
}

function entriesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => /^[0-9a-f]{16}$/.test(name));
}
