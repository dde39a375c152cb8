import { qemuArgvError } from "./qemu-argv-error.js";

/** Suffixes of sizes: each is 1024 of the one before. Source: QEMU's util/cutils.c. */
const suffixes = "BKMGTPE";

/**
 * Bytes of a size as QEMU and qemu-img take it: `2G`, `1.5g`, `4096M`; undefined for anything else, hexadecimal numbers among it, of
 * which the last digit says to `-m` whether they are bytes.
 * @param unit what a number alone counts: `M` for `-m`, `B` for qemu-img
 */
export function parseSize(text: string, unit: "B" | "M"): number | undefined {
  const [, digits, suffix = ""] = /^(\d+(?:\.\d*)?)([BKMGTPE]?)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * 1024 ** suffixes.indexOf(suffix === "" ? unit : suffix.toUpperCase());
}

/**
 * MiB of a size as `-m` takes it: `512` is MiB, `2G`, `1.5g`, `4096M`, `1T`. Throws `QEMU_VALUE_INVALID` for anything
 * else, and for less than 1 MiB.
 */
export function parseMemoryMiB(text: string): number {
  const mib = (parseSize(text, "M") ?? Number.NaN) / 1024 ** 2;
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
