import type { KernelOptions } from "@vm/kernel-build";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { singleQuoted } from "@vm/command-plan";
import { isFile } from "@vm/host-files";
import type { CommandUser } from "../protocol/request.js";
import { assignment } from "../protocol/assignment.js";
import { tarArchive, type ArchiveEntry } from "./archive.js";
import { deviceNodes } from "./device-nodes.js";
import { printfFormat } from "./printf-bytes.js";
import { fileInRoot } from "./root-program.js";
import type { RootPrograms } from "./root-tools.js";

/** What the guest's root is furnished with, beside mounts: what udev, systemd-tmpfiles and a login do elsewhere. */
export interface Furnishing {
  readonly root: string;
  readonly programs: RootPrograms;
  readonly kernel: KernelOptions | null;
  /** depmod's `modules.devname`; empty where there is none. */
  readonly devname: string;
  readonly init: "script" | "systemd";
  readonly user?: CommandUser;
}

/**
 * Shell text that sets `vm_archive` or `vm_furnish`: see guest/vm-exec-root. One tar does all of it. A root without tar is furnished
 * by a program for each thing.
 */
export function furniture(furnishing: Furnishing): Buffer {
  const entries = furnitureEntries(furnishing);
  const none = entries.length === 0;
  if (none || furnishing.programs.find("tar") === undefined) {
    return Buffer.concat([
      assignment("vm_archive", ""),
      assignment("vm_furnish", none ? "" : commands(entries)),
    ]);
  }
  return Buffer.concat([printfFormat("vm_archive", tarArchive(entries)), assignment("vm_furnish", "")]);
}

/** Pure but for the root's own files. */
export function furnitureEntries({
  root,
  programs,
  kernel,
  devname,
  init,
  user,
}: Furnishing): ArchiveEntry[] {
  let groups: string | undefined;
  const gid = (group: string): number | undefined =>
    groupId((groups ??= readInRoot(root, "/etc/group")), group);
  const { uid, gid: ownGroup } = user ?? { uid: 0, gid: 0 };
  const { nixSystem } = programs;
  const entries: ArchiveEntry[] = [
    { type: "directory", path: "run/user", mode: 0o755 },
    { type: "directory", path: `run/user/${uid}`, mode: 0o700, uid, gid: ownGroup },
    ...accounts(root),
    ...(nixSystem === undefined ? [] : [link("run/current-system", nixSystem)]),
  ];
  // systemd and its udev make the rest.
  if (init === "systemd") return entries;
  const utmp = gid("utmp");
  return [
    ...entries,
    { type: "directory", path: "run/lock", mode: 0o1777 },
    { type: "directory", path: "run/sshd", mode: 0o755 },
    {
      type: "file",
      path: "run/utmp",
      mode: 0o664,
      ...(utmp === undefined ? {} : { gid: utmp }),
      content: "",
    },
    link("dev/fd", "/proc/self/fd"),
    link("dev/stdin", "/proc/self/fd/0"),
    link("dev/stdout", "/proc/self/fd/1"),
    link("dev/stderr", "/proc/self/fd/2"),
    link("dev/core", "/proc/kcore"),
    ...(kernel?.["CONFIG_RTC_CLASS"] === "y" ? [link("dev/rtc", "rtc0")] : []),
    ...deviceNodes(devname, kernel, gid),
  ];
}

/**
 * sudo, su and every login read files that only the host's root may read. In the guest's nobody has a password: its root becomes whom it
 * likes, and nobody else becomes root, for that is who can forge the answer (SECURITY.md).
 */
function accounts(root: string): ArchiveEntry[] {
  const hidden = (path: string): boolean => {
    const file = fileInRoot(root, path);
    return file !== undefined && !isReadable(file);
  };
  const entries: ArchiveEntry[] = [];
  // The host's own is never shown to a guest: docs/guest-contract.md.
  if (fileInRoot(root, "/etc/shadow") !== undefined && (root === "/" || hidden("/etc/shadow"))) {
    const names = [...readInRoot(root, "/etc/passwd").matchAll(/^([^:\s#+-][^:\s]*):/gm)];
    const lines = names.map(([, name = ""]) => `${name}:*:19000:0:99999:7:::\n`);
    const shadow = groupId(readInRoot(root, "/etc/group"), "shadow");
    entries.push({
      type: "file",
      path: "etc/shadow",
      mode: 0o640,
      ...(shadow === undefined ? {} : { gid: shadow }),
      content: lines.join(""),
    });
  }
  if (hidden("/etc/sudoers")) {
    entries.push({
      type: "file",
      path: "etc/sudoers",
      mode: 0o440,
      content: "Defaults !fqdn\nroot ALL=(ALL:ALL) NOPASSWD: ALL\n",
    });
  }
  return entries;
}

function link(path: string, target: string): ArchiveEntry {
  return { type: "link", path, target };
}

/** The same by programs of their own. */
function commands(entries: readonly ArchiveEntry[]): string {
  const parents = new Set(entries.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
  const directories = [...parents].map((path) => `/../${path}`).join(" ");
  return [
    `mkdir -p ${directories}`,
    ...entries.map((entry) => {
      const path = singleQuoted(`/../${entry.path}`);
      switch (entry.type) {
        case "character":
        case "block": {
          const kind = entry.type === "block" ? "b" : "c";
          return `rm -f ${path}; mknod -m ${mode(entry)} ${path} ${kind} ${entry.major} ${entry.minor}${owner(entry, path)}`;
        }
        case "directory":
          return `mkdir -p -m ${mode(entry)} ${path}${owner(entry, path)}`;
        case "file":
          return `printf %s ${singleQuoted(entry.content)} >${path}; chmod ${mode(entry)} ${path}${owner(entry, path)}`;
        case "link":
          return `ln -sfn ${singleQuoted(entry.target)} ${path}`;
        default:
          return entry satisfies never;
      }
    }),
  ].join("\n");
}

function mode({ mode: bits }: { readonly mode: number }): string {
  return bits.toString(8);
}

function owner({ uid = 0, gid = 0 }: { readonly uid?: number; readonly gid?: number }, path: string): string {
  return uid === 0 && gid === 0 ? "" : `; chown ${uid}:${gid} ${path}`;
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** A file of the root as text; empty where it is none that can be read, or far too large. */
function readInRoot(root: string, path: string): string {
  const file = fileInRoot(root, path);
  if (file === undefined || !isReadable(file)) return "";
  const status = statSync(file, { throwIfNoEntry: false });
  return status?.isFile() === true && status.size < 4_000_000 ? readFileSync(file, "utf8") : "";
}

function groupId(groups: string, name: string): number | undefined {
  const found = groups.split("\n").find((line) => line.startsWith(`${name}:`));
  const number = Number(found?.split(":")[2]);
  return Number.isInteger(number) ? number : undefined;
}

/** depmod's `modules.devname` of the modules that the guest gets. */
export function readDevname(directories: readonly (string | undefined)[]): string {
  for (const directory of directories) {
    if (directory === undefined) continue;
    const file = join(directory, "modules.devname");
    if (isFile(file)) return readFileSync(file, "latin1");
  }
  return "";
}
