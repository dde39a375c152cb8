import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of a shell script for the guest, from this package's `guest/`. */
export function guestAsset(name: "vm-exec-command" | "vm-exec-root"): Buffer {
  return readFileSync(guestFile(name));
}

/** The path of the script that runs virtiofsd beside QEMU, on the host. */
export function virtiofsScript(): string {
  return guestFile("vm-virtiofs");
}

/** The path of the script that starts QEMU with views of the host's directories, on the host. */
export function viewScript(): string {
  return guestFile("vm-view");
}

/** The path of the script that starts QEMU without the right to read certain places, on the host. */
export function landlockScript(): string {
  return guestFile("vm-landlock");
}

/** The path of the script that starts a program which can set no setuid bit, on the host. */
export function noSetuidScript(): string {
  return guestFile("vm-no-setuid");
}

function guestFile(name: string): string {
  return join(import.meta.dirname, "../guest", name);
}
