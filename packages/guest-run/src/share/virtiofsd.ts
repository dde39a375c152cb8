import { spawnSync } from "node:child_process";
import { codedError, findProgram, findUtilLinux, isProgram } from "@vm/command-plan";

/** A virtiofsd on this host. */
export interface Virtiofsd {
  /** Absolute. */
  readonly path: string;
  /** Whose options it has: QEMU's own, in C (up to QEMU 7.2), or its successor's, in Rust. */
  readonly kind: "c" | "rust";
}

/** Where distributions put it, beside PATH: Debian 13 and Fedora, Arch Linux, Debian 12 and Ubuntu, Alpine. */
const PLACES = [
  "/usr/libexec/virtiofsd",
  "/usr/lib/virtiofsd",
  "/usr/lib/qemu/virtiofsd",
  "/usr/libexec/qemu/virtiofsd",
];

/** Whether this host has a virtiofsd. Starts nothing. */
export function hasVirtiofsd(env: NodeJS.ProcessEnv): boolean {
  return locate(env) !== undefined;
}

/**
 * The host's virtiofsd, with what it takes to run it. Asks it for its version.
 *
 * @throws `VIRTIOFSD_NOT_FOUND`, with the package to install as its hint; `VIRTIOFS_UNUSABLE`
 */
export function findVirtiofsd(env: NodeJS.ProcessEnv): Virtiofsd {
  const path = locate(env);
  if (path === undefined) {
    throw codedError("VIRTIOFSD_NOT_FOUND", "virtiofsd was not found, which shares files over virtiofs.", {
      hint: "Install it: apt install virtiofsd (Debian 13, Ubuntu; in Debian 12 it is in qemu-system-common), pacman -S virtiofsd (Arch Linux), dnf install virtiofsd (Fedora).",
    });
  }
  const missing = ["setpriv", "setsid", "unshare", "mount"].find(
    (name) => findUtilLinux(name, env) === undefined,
  );
  if (missing !== undefined) {
    throw codedError(
      "VIRTIOFS_UNUSABLE",
      `util-linux's ${missing} was not found, which virtiofsd is run with.`,
      {
        hint: "Install util-linux (busybox's programs of these names can do less), or use --share 9p.",
      },
    );
  }
  return { path, kind: kindOf(path) };
}

function locate(env: NodeJS.ProcessEnv): string | undefined {
  return findProgram("virtiofsd", env) ?? PLACES.find(isProgram);
}

/** `virtiofsd version 7.2.22 (Debian ...)`, with copyright and more, is QEMU's; `virtiofsd 1.13.2` or `virtiofsd backend 1.6.0` its successor's. */
function kindOf(path: string): Virtiofsd["kind"] {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 10_000 });
  return /^virtiofsd (?:backend )?\d/.test(stdout ?? "") ? "rust" : "c";
}
