/** Bytes of a size that `checkDiskSize` of vm-store has let through: a number with one of QEMU's suffixes; bytes without one. */
export function sizeBytes(text: string): number {
  const [, digits = "", suffix = ""] = /^(\d+(?:\.\d+)?)([bkmgtpe]?)$/i.exec(text) ?? [];
  return Math.floor(Number(digits) * 1024 ** Math.max(0, "bkmgtpe".indexOf(suffix.toLowerCase())));
}
