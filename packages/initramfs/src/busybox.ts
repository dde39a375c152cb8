import { existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { type ElfFacts, readElfFacts } from "./elf-header.js";

/** Where to look for busybox. */
export interface BusyboxLookup {
  /** The file to take, in the place of the host's: for a kernel of another architecture, for example. */
  readonly busybox?: string;
  /** The search path; the environment's otherwise. */
  readonly path?: string;
}

/** The programs of busybox that init uses. */
export const applets = [
  "[",
  "findfs",
  "insmod",
  "mount",
  "od",
  "printf",
  "readlink",
  "sh",
  "sleep",
  "switch_root",
  "tr",
  "umount",
] as const;

/**
 * Finds a busybox that runs by itself under a kernel of this architecture.
 *
 * @throws `BUSYBOX_MISSING`, `BUSYBOX_DYNAMIC`, `BUSYBOX_WRONG_ARCH`
 */
export function findBusybox(
  arch: string,
  { busybox, path = process.env["PATH"] }: BusyboxLookup = {},
): string {
  const places = busybox === undefined ? searchPath(path) : [busybox];
  let problem: readonly [code: string, what: string] | null = null;
  for (const place of new Set(places.filter(isFile).map((file) => realpathSync(file)))) {
    const facts = readElfFacts(place);
    const found = problemOf(place, facts, arch);
    if (found === null) return place;
    problem ??= found;
  }
  const [code, what] = problem ?? [
    "BUSYBOX_MISSING",
    busybox === undefined ? "there is no busybox on this host" : `${busybox} is not there`,
  ];
  throw codedError(code, `The kernel's drivers are modules, which an initramfs must load, and ${what}.`, {
    hint: hintOf(arch),
  });
}

/**
 * Asks busybox whether it has all that init uses. One that this machine can not run is believed.
 *
 * @throws `BUSYBOX_INCOMPLETE`
 */
export function checkApplets(busybox: string): void {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stdout, status } = spawnSync(busybox, ["--list"], { encoding: "utf8" });
  if (status !== 0) return;
  const has = new Set(stdout.split("\n"));
  const lacks = applets.filter((name) => !has.has(name));
  if (lacks.length === 0) return;
  throw codedError("BUSYBOX_INCOMPLETE", `${busybox} can not start a guest: it has no ${lacks.join(", ")}.`, {
    hint: "Install the busybox-static of Debian, which has all of them, or name another busybox.",
  });
}

function problemOf(
  place: string,
  facts: ElfFacts | null,
  arch: string,
): readonly [code: string, what: string] | null {
  const machine = machines[arch];
  if (facts === null) return ["BUSYBOX_MISSING", `${place} is no program for Linux`];
  if (machine !== undefined && facts.machine !== machine) {
    return ["BUSYBOX_WRONG_ARCH", `${place} does not run on ${arch}`];
  }
  if (facts.linking === "dynamic") {
    return ["BUSYBOX_DYNAMIC", `${place} needs shared libraries, which an initramfs has not`];
  }
  return null;
}

function hintOf(arch: string): string {
  const name = debianNames[arch];
  if (arch === hostArch() || name === undefined) {
    return "Install a static busybox: `apt-get install busybox-static` on Debian.";
  }
  return `Take the static busybox of that architecture, out of Debian's package busybox-static:${name} for example (dpkg-deb -x).`;
}

/** QEMU's name of the machine that this runs on. */
function hostArch(): string {
  const { arch } = process;
  return arch === "x64" ? "x86_64" : arch === "arm64" ? "aarch64" : arch;
}

function searchPath(path: string | undefined): string[] {
  const directories = (path ?? "").split(delimiter).filter((directory) => directory.startsWith("/"));
  return [...directories, "/bin", "/usr/bin", "/sbin", "/usr/sbin"].map((directory) =>
    join(directory, "busybox"),
  );
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

// EM_* of the kernel's include/uapi/linux/elf-em.h.
const machines: { readonly [arch: string]: number } = {
  i386: 3,
  x86_64: 62,
  arm: 40,
  aarch64: 183,
  ppc64: 21,
  ppc64le: 21,
  s390x: 22,
  riscv32: 243,
  riscv64: 243,
  loongarch64: 258,
};

const debianNames: { readonly [arch: string]: string } = {
  i386: "i386",
  x86_64: "amd64",
  arm: "armhf",
  aarch64: "arm64",
  ppc64: "ppc64el",
  ppc64le: "ppc64el",
  s390x: "s390x",
  riscv64: "riscv64",
};
