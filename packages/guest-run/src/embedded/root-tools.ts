import { basename, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { isDirectory } from "@vm/host-files";
import { lstatSync } from "node:fs";
import { fileInRoot, programInterpreter } from "./root-program.js";

/** Where the guest's first shell looks for programs: what distributions ship comes before what a person has put into /usr/local. */
const DIRECTORIES = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];

/** NixOS has its programs in the store alone; these links lead there. Source: NixOS manual, "Activation script". */
const NIX_SYSTEMS = ["/nix/var/nix/profiles/system", "/run/current-system"];

/** What the guest covers with file systems of its own. */
const COVERED = /^\/(?:dev|proc|run|sys)\//;

/** Programs that the guest's start uses, and Debian's packages for them. */
const PACKAGES = {
  cat: "coreutils",
  chroot: "coreutils",
  cp: "coreutils",
  ip: "iproute2",
  ln: "coreutils",
  mkdir: "coreutils",
  mkfifo: "coreutils",
  mount: "mount",
  nice: "coreutils",
  setpriv: "util-linux",
  setsid: "util-linux",
  sleep: "coreutils",
  stty: "coreutils",
  sync: "coreutils",
} as const;

export type RootTool = keyof typeof PACKAGES;

/** Where a root has its programs. */
export interface RootPrograms {
  /** The value of PATH for the guest's start. */
  readonly path: string;
  /** The path in the root of a program, links followed; undefined where there is none that the guest can reach. */
  find(name: string): string | undefined;
  /** What NixOS calls the current system, as a path of the store. */
  readonly nixSystem?: string;
}

/** Looks for programs in a root, on the host. */
export function rootPrograms(root: string): RootPrograms {
  const nixSystem = NIX_SYSTEMS.map((link) => resolved(root, link)).find(
    (path) => path !== undefined && !COVERED.test(path),
  );
  const directories = nixSystem === undefined ? DIRECTORIES : [...DIRECTORIES, `${nixSystem}/sw/bin`];
  return {
    path: directories.join(":"),
    find: (name) => findIn(root, directories, name),
    ...(nixSystem === undefined ? {} : { nixSystem }),
  };
}

/**
 * Refuses a root that lacks a program of the guest's start: without it the guest would stop half-way, and blame the kernel.
 *
 * @throws `ROOT_UNUSABLE`
 */
export function checkRootTools(root: string, programs: RootPrograms, needed: readonly RootTool[]): void {
  const missing = needed.filter((name) => programs.find(name) === undefined);
  if (missing.length > 0) {
    const covered = missing.filter((name) => findIn(root, ["/run/current-system/sw/bin"], name, "covered"));
    const packages = [...new Set(missing.map((name) => PACKAGES[name]))].toSorted();
    const only =
      covered.length === 0
        ? ""
        : ` What is below /run/current-system (${covered.join(", ")}) does not count: the guest has a /run of its own.`;
    throw codedError(
      "ROOT_UNUSABLE",
      `${root} cannot be the guest's root: it has no ${missing.join(", ")}.${only}`,
      { hint: `Looked in ${programs.path}. Debian's packages: ${packages.join(", ")}.` },
    );
  }
  for (const path of ["/bin/sh", ...needed.map((name) => programs.find(name) ?? "")]) checkStart(root, path);
  const mount = programs.find("mount") ?? "";
  if (!needed.includes("mount") || !/^(?:busybox|toybox)/.test(basename(mount))) return;
  throw codedError(
    "ROOT_UNUSABLE",
    `${root} cannot be the guest's root: its mount is that of ${basename(mount)}, and util-linux's is needed.`,
    { hint: "Install util-linux's mount in it (Debian: mount; Alpine: mount)." },
  );
}

/** A program whose loader is not there the kernel cannot start, and says no more than `not found`: the guest would panic. */
function checkStart(root: string, path: string): void {
  const file = fileInRoot(root, path);
  const interpreter = file === undefined ? undefined : programInterpreter(file);
  if (interpreter === undefined || fileInRoot(root, interpreter) !== undefined) return;
  // `dpkg -x` puts a directory in the place of a link of its name.
  const torn = ["lib", "lib64", "bin", "sbin"].filter(
    (name) =>
      isDirectory(join(root, "usr", name)) &&
      lstatSync(join(root, name), { throwIfNoEntry: false })?.isDirectory() === true,
  );
  const [first] = torn;
  throw codedError(
    "ROOT_UNUSABLE",
    `${root} cannot be the guest's root: its ${path} is started by ${interpreter}, which is not there.`,
    {
      hint:
        first === undefined
          ? "Make the root anew, for example with mmdebstrap."
          : `Its /${torn.join(", /")} ${torn.length === 1 ? "is a directory" : "are directories"}, where a root of today has a link into /usr: \`dpkg -x\` of a package makes that of it. Move what is in /${first} to /usr/${first} and link it again, or make the root anew; a kernel's package needs no unpacking (-k PACKAGE).`,
    },
  );
}

function findIn(
  root: string,
  directories: readonly string[],
  name: string,
  which: "reachable" | "covered" = "reachable",
): string | undefined {
  for (const directory of directories) {
    const path = resolved(root, `${directory}/${name}`);
    if (path !== undefined && COVERED.test(path) === (which === "covered")) return path;
  }
  return undefined;
}

/** The path in the root that a path leads to. */
function resolved(root: string, path: string): string | undefined {
  const file = fileInRoot(root, path);
  if (file === undefined) return undefined;
  const prefix = root.endsWith("/") ? root.slice(0, -1) : root;
  return file.slice(prefix.length) || "/";
}
