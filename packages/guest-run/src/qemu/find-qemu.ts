import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { codedError, findProgram, isProgram } from "@vm/command-plan";
import { architectureNamed, hostArchitecture, type QemuPackages } from "@vm/qemu-argv";

/** Distribution packages of architectures that are not in the table. */
const OTHERS: QemuPackages = { debian: "qemu-system-misc", arch: "qemu-full", fedora: "qemu" };

/**
 * The absolute path of `qemu-system-ARCH` in PATH; else, for guests of this machine's kind, that of RHEL's only QEMU, which is no
 * command of a person's: `/usr/libexec/qemu-kvm`. `arch` is any of its names (`x86_64`, `aarch64`, `arm64`). Starts nothing.
 *
 * @throws `QEMU_NOT_FOUND`, with the package to install as its hint
 */
export function findQemu({
  arch,
  env = process.env,
  libexec = "/usr/libexec",
}: {
  readonly arch: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Where distributions keep programs for programs. */
  readonly libexec?: string;
}): string {
  const facts = architectureNamed(arch);
  const name = `qemu-system-${facts?.qemu ?? arch}`;
  const path = findProgram(name, env);
  if (path !== undefined) return path;
  const ofRhel = join(libexec, "qemu-kvm");
  if ((facts?.name ?? arch) === hostArchitecture(process.arch) && isProgram(ofRhel)) return ofRhel;
  const packages = facts?.qemuPackages ?? OTHERS;
  throw codedError("QEMU_NOT_FOUND", `${name} was not found in PATH.`, {
    hint: `Install it: ${debianWords(packages)}, pacman -S ${packages.arch} (Arch Linux), dnf install ${packages.fedora} (Fedora).`,
  });
}

/** Whether a QEMU was built without 9p: RHEL's is, also under the name of another one that links to it. Starts nothing. */
export function lacks9p(qemu: string): boolean {
  return basename(realpathSync(qemu)) === "qemu-kvm";
}

function debianWords({ debian, debianSince13 }: QemuPackages): string {
  return debianSince13 === undefined
    ? `apt install ${debian} (Debian, Ubuntu)`
    : `apt install ${debianSince13} (Debian, Ubuntu; ${debian} up to Debian 12)`;
}
