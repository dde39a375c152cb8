import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { codedError, findProgram } from "@vm/command-plan";

const PROGRAMS = ["pacman", "pacstrap", "genfstab", "arch-chroot", "sfdisk", "wipefs"];
const KEYS = "/usr/share/pacman/keyrings/archlinux.gpg";

/**
 * Whether this machine can install by its own pacstrap.
 * @throws BOOTSTRAP_IMPOSSIBLE
 */
export function checkBootstrapHost({
  env,
  signatures,
}: {
  readonly env: NodeJS.ProcessEnv;
  /** `required`: packages are checked by Arch Linux's keys. */
  readonly signatures: "required" | "as configured";
}): void {
  const path = `${env["PATH"] ?? ""}${delimiter}/usr/sbin${delimiter}/sbin`;
  const missing = PROGRAMS.filter((program) => findProgram(program, { PATH: path }) === undefined);
  if (missing.length > 0) {
    throw codedError("BOOTSTRAP_IMPOSSIBLE", `--bootstrap needs ${missing.join(", ")} on this machine`, {
      hint: "Debian: apt install pacman-package-manager arch-install-scripts fdisk. Arch: pacman -S arch-install-scripts.",
    });
  }
  if (signatures === "required" && !existsSync(KEYS)) {
    throw codedError("BOOTSTRAP_IMPOSSIBLE", `--bootstrap needs Arch Linux's keys: ${KEYS} is not there`, {
      hint: "Install archlinux-keyring (Debian and Arch have it), or give a pacman.conf of your own with --pacman-conf.",
    });
  }
}
