import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The init of the initramfs, which this package ships. */
export function readInit(): Buffer {
  return readFileSync(join(import.meta.dirname, "../guest/vm-initramfs-init"));
}
