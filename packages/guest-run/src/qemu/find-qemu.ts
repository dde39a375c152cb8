import { codedError } from "@vm/command-plan";
import { findProgram } from "./program.js";

interface Packages {
  readonly debian: string;
  readonly arch: string;
}

/** Distribution packages whose name is not simply `qemu-system-ARCH`. */
const PACKAGES: Readonly<Record<string, Packages>> = {
  x86_64: { debian: "qemu-system-x86", arch: "qemu-system-x86" },
  i386: { debian: "qemu-system-x86", arch: "qemu-system-x86" },
  aarch64: { debian: "qemu-system-arm", arch: "qemu-system-aarch64" },
  arm: { debian: "qemu-system-arm", arch: "qemu-system-arm" },
  ppc: { debian: "qemu-system-ppc", arch: "qemu-system-ppc" },
  ppc64: { debian: "qemu-system-ppc", arch: "qemu-system-ppc" },
  riscv64: { debian: "qemu-system-misc", arch: "qemu-system-riscv" },
  s390x: { debian: "qemu-system-misc", arch: "qemu-system-s390x" },
};

/**
 * The absolute path of `qemu-system-ARCH` in PATH. `arch` is QEMU's name (`x86_64`, `aarch64`). Starts nothing.
 *
 * @throws `QEMU_NOT_FOUND`, with the package to install as its hint
 */
export function findQemu({
  arch,
  env = process.env,
}: {
  readonly arch: string;
  readonly env?: NodeJS.ProcessEnv;
}): string {
  const name = `qemu-system-${arch}`;
  const path = findProgram(name, env);
  if (path !== undefined) return path;
  const packages = PACKAGES[arch] ?? { debian: "qemu-system-misc", arch: "qemu-full" };
  throw codedError("QEMU_NOT_FOUND", `${name} was not found in PATH.`, {
    hint: `Install it: apt install ${packages.debian} (Debian, Ubuntu), pacman -S ${packages.arch} (Arch Linux).`,
  });
}
