import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

const ZONES = "/usr/share/zoneinfo";
/** What every compiled zone begins with, see tzfile(5). */
const MAGIC = "TZif";

/**
 * Whether there is such a time zone, by what Node and this machine know: both have a copy of the same database. A zone that is
 * newer than both is none here.
 */
export function isTimeZone(zone: string): boolean {
  return isZoneFile(join(ZONES, zone)) || isNamedByNode(zone);
}

/** Node takes any case, and offsets such as +0100; the files of the zones do not. */
function isNamedByNode(zone: string): boolean {
  const named = canonicalZone(zone);
  if (named === undefined || !zone.split("/").every((part) => /^[A-Z]/.test(part))) return false;
  return named === zone || named.toLowerCase() !== zone.toLowerCase();
}

/** The zone whose name differs in case alone, if Node knows one. */
export function timeZoneLike(zone: string): string | undefined {
  const wanted = zone.toLowerCase();
  const last = wanted.split("/").at(-1) ?? wanted;
  const all = Intl.supportedValuesOf("timeZone");
  return (
    all.find((each) => each.toLowerCase() === wanted) ??
    all.find((each) => each.toLowerCase().split("/").at(-1) === last)
  );
}

function canonicalZone(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function isZoneFile(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    const head = Buffer.alloc(MAGIC.length);
    return readSync(file, head, 0, head.length, 0) === head.length && head.toString("latin1") === MAGIC;
  } catch {
    // A directory.
    return false;
  } finally {
    closeSync(file);
  }
}
