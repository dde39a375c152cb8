import { statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { join } from "node:path";
import { codedError, execute, toScript, type Plan, type Step } from "@vm/command-plan";
import { abandonedDrafts, cacheRoom, cacheRoomNames, lockFile, removedName } from "@vm/host-files";
import { removalOfGitBuild } from "@vm/kernel-build";
import type { Host } from "../host.js";
import { sizeBytes } from "../keep/size.js";
import { tellIfLong } from "../long-step.js";
import type { PruneCacheRequest } from "../request/request.js";
import { daysKept, listCache, type KeptEntry } from "./kept-entries.js";

/** What has left it, or would leave it. Survives JSON. */
export interface PrunedCache {
  readonly removed: readonly (KeptEntry & { readonly why: "over the limit" | "unused" })[];
  readonly removedBytes: number;
  readonly keptBytes: number;
  /** Null: there is none. */
  readonly limitBytes: number | null;
}

const dayMs = 86_400_000;

/** What may stay where nothing else is said. */
const usualCacheLimit = "20G";

/** A use is noted once a day: what was used a moment ago may seem to be a day old, and who uses it may be in another container. */
const recentMs = 2 * dayMs;

/**
 * Removes what nobody has used for its time, and then, while the rest is larger than the limit, what was used longest ago.
 * @throws CACHE_UNTRUSTED, CACHE_UNUSABLE, SIZE_INVALID, PROGRAM_NOT_FOUND, FLOCK_NOT_FOUND
 */
export async function pruneCache(request: PruneCacheRequest, host: Host): Promise<PrunedCache> {
  if (!isThere(host.cacheDir)) return choose(request, [], host);
  trustRooms(host.cacheDir);
  const { signal } = host;
  const unlock = await lockFile(join(host.cacheDir, "prune.lock"), signal === undefined ? {} : { signal });
  try {
    const chosen = choose(request, await listCache(host), host);
    const plans = [draftSteps(host.cacheDir), ...chosen.removed.map(removalOf)];
    await tellIfLong(
      `${chosen.removed.length} entries of the cache are being removed`,
      () => removeAll(plans, signal),
      host,
    );
    return chosen;
  } finally {
    unlock();
  }
}

async function removeAll(plans: readonly Plan[], signal: AbortSignal | undefined): Promise<void> {
  for (const plan of plans) {
    const { failure } = await execute(plan, { stdio: ["ignore", "ignore", "ignore"] });
    // Another vm may have removed it, or made it anew, meanwhile.
    if (failure !== undefined && failure.step.kind !== "rename") throw failure.error;
    // Between two of them signals are heard, and it is told how long it takes.
    await setImmediate();
    signal?.throwIfAborted();
  }
}

/** The script that does the same with what is in the cache now. */
export async function pruneScript(request: PruneCacheRequest, host: Host): Promise<string> {
  if (!isThere(host.cacheDir)) return toScript([]);
  trustRooms(host.cacheDir);
  const { removed } = choose(request, await listCache(host), host);
  return toScript([
    ...draftSteps(host.cacheDir),
    ...removed.flatMap((entry): Step[] => [
      { kind: "comment", text: `${entry.room}, used last on ${entry.used.slice(0, 10)}: ${entry.why}` },
      ...removalOf(entry),
    ]),
  ]);
}

function choose({ limit }: PruneCacheRequest, entries: readonly KeptEntry[], host: Host): PrunedCache {
  const limitBytes = readLimit(limit ?? host.userConfig().cacheLimit ?? usualCacheLimit);
  const now = Date.now();
  const ageMs = ({ used }: KeptEntry): number => now - Date.parse(used);
  const removed: PrunedCache["removed"][number][] = entries
    .filter((entry) => !entry.inUse && ageMs(entry) > daysKept(entry.room) * dayMs)
    .map((entry) => ({ ...entry, why: "unused" }));
  const gone = new Set(removed.map(({ path }) => path));
  const rest = entries.filter(({ path }) => !gone.has(path));
  let keptBytes = sum(rest);
  for (const entry of rest.toReversed()) {
    if (limitBytes === null || keptBytes <= limitBytes) break;
    if (entry.inUse || (limit === undefined && ageMs(entry) < recentMs)) continue;
    // What V8 compiled may be of the very program that runs now.
    if (entry.room === "code") continue;
    removed.push({ ...entry, why: "over the limit" });
    keptBytes -= entry.bytes;
  }
  return { removed, removedBytes: sum(removed), keptBytes, limitBytes };
}

function sum(entries: readonly KeptEntry[]): number {
  return entries.reduce((bytes, entry) => bytes + entry.bytes, 0);
}

function readLimit(text: string): number | null {
  if (text === "none") return null;
  if (/^\d+(?:\.\d+)?[bkmgtpe]?$/i.test(text)) return sizeBytes(text);
  throw codedError("SIZE_INVALID", `expected a size such as 10G, or none, got '${text}'`);
}

function draftSteps(cacheDir: string): Step[] {
  return cacheRoomNames.flatMap((room) =>
    abandonedDrafts(join(cacheDir, room)).map((path) => ({ kind: "remove", path, recursive: true }) as const),
  );
}

/** First its name goes: nobody finds half of it. */
function removalOf({ room, path }: KeptEntry): Step[] {
  const removed = removedName(path);
  return [
    ...(room === "git" ? removalOfGitBuild(path) : []),
    { kind: "rename", from: path, to: removed },
    { kind: "remove", path: removed, recursive: true },
  ];
}

function isThere(directory: string): boolean {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Nothing is removed on the word of somebody else's file. */
function trustRooms(cacheDir: string): void {
  for (const room of cacheRoomNames) cacheRoom(cacheDir, room);
}
