import { qemuArgvError } from "./qemu-argv-error.js";

/** Bytes of each suffix, as in QEMU's util/cutils.c; without one, `-m` counts MiB. */
const suffixes = "BKMGTPE";

/**
 * MiB of a size as `-m` takes it: `512` is MiB, `2G`, `1.5g`, `4096M`, `1T`. Throws `QEMU_VALUE_INVALID` for anything
 * else, and for less than 1 MiB.
 */
export function parseMemoryMiB(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([BKMGTPE]?)$/i.exec(text);
  if (match === null) throw invalidMemory(text);
  const suffix = match[2] === undefined || match[2] === "" ? "M" : match[2].toUpperCase();
  const mib = Number(match[1]) * 1024 ** (suffixes.indexOf(suffix) - suffixes.indexOf("M"));
  if (!Number.isFinite(mib) || mib < 1) throw invalidMemory(text);
  return mib;
}

/** The argument of `-m`. A number means MiB and must be whole. */
export function checkMemory(size: number | string): string {
  if (typeof size === "string") {
    parseMemoryMiB(size);
    return size;
  }
  if (!Number.isInteger(size) || size < 1) throw invalidMemory(String(size));
  return `${size}M`;
}

function invalidMemory(found: string): Error {
  return qemuArgvError(
    "QEMU_VALUE_INVALID",
    `Expected a memory size such as 512M or 2G, found "${found}".`,
    `Write a number and K, M, G or T; a number alone means MiB.`,
  );
}
