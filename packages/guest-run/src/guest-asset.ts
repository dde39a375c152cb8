import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The text of a shell script for the guest, from this package's `guest/`. */
export function guestAsset(name: "vm-exec-command" | "vm-exec-root"): Buffer {
  return readFileSync(new URL(`../guest/${name}`, import.meta.url));
}

/** The path of the script that runs virtiofsd beside QEMU, on the host. */
export function virtiofsScript(): string {
  return fileURLToPath(new URL("../guest/vm-virtiofs", import.meta.url));
}

/** The path of the script that starts QEMU with views of the host's directories, on the host. */
export function viewScript(): string {
  return fileURLToPath(new URL("../guest/vm-view", import.meta.url));
}

/** The path of the script that starts QEMU without the right to read certain places, on the host. */
export function landlockScript(): string {
  return fileURLToPath(new URL("../guest/vm-landlock", import.meta.url));
}

/** The path of the script that starts a program which can set no setuid bit, on the host. */
export function noSetuidScript(): string {
  return fileURLToPath(new URL("../guest/vm-no-setuid", import.meta.url));
}
