import type { KeptEntry } from "../cache/kept-entries.js";
import type { PrunedCache } from "../cache/prune-cache.js";
import { describeBytes } from "./vm-words.js";

/** `vm cache list`: a line an entry, with tabs between its fields (kind, size, day of the last use, path), and the sum. */
export function describeCache(entries: readonly KeptEntry[]): string {
  return entries
    .map(({ room, bytes, used, inUse, path }) =>
      [room, describeBytes(bytes), inUse ? "in use" : used.slice(0, 10), path].join("\t"),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** What has left the cache, in one sentence. */
export function describePruned({ removed, removedBytes, keptBytes, limitBytes }: PrunedCache): string {
  const limit = limitBytes === null ? "" : ` of ${describeBytes(limitBytes)}`;
  const kept = `${describeBytes(keptBytes)}${limit} in use by the cache`;
  const over =
    limitBytes !== null && keptBytes > limitBytes
      ? "; the rest is in use, or was in the last two days: --limit SIZE removes the latter too"
      : "";
  if (removed.length === 0) return `nothing to remove: ${kept}${over}`;
  const what = removed.length === 1 ? "1 entry" : `${removed.length} entries`;
  return `removed ${what}, ${describeBytes(removedBytes)}; ${kept}${over}`;
}
