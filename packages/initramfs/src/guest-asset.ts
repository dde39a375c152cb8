import { readFileSync } from "node:fs";

/** The init of the initramfs, which this package ships. */
export function readInit(): Buffer {
  return readFileSync(new URL("../guest/vm-initramfs-init", import.meta.url));
}
