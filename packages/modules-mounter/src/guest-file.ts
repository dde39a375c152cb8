import { join } from "node:path";

/**
 * The absolute path of one of the guest's files of this package: `vm-modules-mount` is the script that mounts the modules
 * (`start`, `reload`, `stop`), for any init that is not systemd.
 */
export function guestFile(name: string): string {
  return join(import.meta.dirname, "../guest", name);
}
