import { readFileSync } from "node:fs";

/** The text of a shell script for the guest, from this package's `guest/`. */
export function guestAsset(name: "vm-exec-command" | "vm-exec-root"): Buffer {
  return readFileSync(new URL(`../guest/${name}`, import.meta.url));
}
