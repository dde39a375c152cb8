import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { codedError, programPlaces } from "@vm/command-plan";
import { isFile } from "@vm/host-files";
import { architectureOfElf, findArchitecture, findGuest } from "@vm/architectures";
import { hostArchitecture } from "@vm/qemu-argv";
import { type ElfFacts, readElfFacts } from "./elf-header.js";

/** Where to look for busybox. */
export interface BusyboxLookup {
  /** The file to take, in the place of the host's: for a kernel of another architecture, for example. */
  readonly busybox?: string;
  /** The guest's root: where it is of the kernel's architecture and the host is not, its busybox is one to take. */
  readonly root?: string;
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
  { busybox, root, path = process.env["PATH"] }: BusyboxLookup = {},
): string {
  const places = busybox === undefined ? [...searchPath(path), ...placesIn(root)] : [busybox];
  let problem: readonly [code: string, what: string] | null = null;
  for (const place of new Set(
    places.filter((file) => existsSync(file) && isFile(file)).map((file) => realpathSync(file)),
  )) {
    const facts = readElfFacts(place);
    const found = problemOf(place, facts, arch);
    if (found === null) return place;
    // What is said of one that was found for this architecture says more than that another one is for the host.
    if (problem === null || problem[0] === "BUSYBOX_WRONG_ARCH") problem = found;
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
 * Asks busybox whether it has all that init uses. One that this machine cannot run is believed.
 *
 * @throws `BUSYBOX_INCOMPLETE`
 */
export function checkApplets(busybox: string): void {
  const { stdout, status } = spawnSync(busybox, ["--list"], { encoding: "utf8" });
  if (status !== 0) return;
  const has = new Set(stdout.split("\n"));
  const lacks = applets.filter((name) => !has.has(name));
  if (lacks.length === 0) return;
  throw codedError("BUSYBOX_INCOMPLETE", `${busybox} cannot start a guest: it has no ${lacks.join(", ")}.`, {
    hint: "Install the busybox-static of Debian, which has all of them, or name another busybox.",
  });
}

function problemOf(
  place: string,
  facts: ElfFacts | null,
  arch: string,
): readonly [code: string, what: string] | null {
  if (facts === null) return ["BUSYBOX_MISSING", `${place} is no program for Linux`];
  if (findArchitecture(arch) !== undefined && architectureOfElf(facts)?.name !== arch) {
    return ["BUSYBOX_WRONG_ARCH", `${place} does not run on ${arch}`];
  }
  if (facts.linking === "dynamic") {
    return ["BUSYBOX_DYNAMIC", `${place} needs shared libraries, which an initramfs has not`];
  }
  return null;
}

function hintOf(arch: string): string {
  const name = findGuest(arch)?.debian;
  if (arch === hostArchitecture(process.arch) || name === undefined) {
    return "Install a static busybox: `apt-get install busybox-static` on Debian.";
  }
  return `Give a static one for ${arch} with --busybox, or a --root that has it in /bin: Debian's package busybox-static:${name} (dpkg-deb -x unpacks it).`;
}

function placesIn(root: string | undefined): string[] {
  if (root === undefined) return [];
  return ["/bin", "/usr/bin", "/sbin", "/usr/sbin"].map((directory) => join(root, directory, "busybox"));
}

function searchPath(path: string | undefined): string[] {
  return programPlaces("busybox", { PATH: `${path ?? ""}:/bin:/usr/bin:/sbin:/usr/sbin` });
}
