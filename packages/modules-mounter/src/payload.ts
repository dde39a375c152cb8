import { readFileSync } from "node:fs";
import type { ArchiveEntry } from "./archive.js";
import { guestFile } from "./guest-file.js";

/** Files that a package installs, sorted by path. `library` is the directory that holds `systemd/`: `usr/lib` or `lib`. */
export function payload({
  library,
  licensePath,
}: {
  readonly library: string;
  readonly licensePath: string;
}): ArchiveEntry[] {
  return [
    executable(`${library}/systemd/system-generators/vm-modules-mounter`, "vm-modules-mounter"),
    executable(`${library}/systemd/vm-modules-mount`, "vm-modules-mount"),
    plain(`${library}/systemd/system/vm-exec.service`, "vm-exec.service"),
    plain(`${library}/udev/rules.d/60-vm-exec.rules`, "60-vm-exec.rules"),
    plain(licensePath, "vm-modules-mounter.LICENSE"),
  ];
}

/** A file that is read. */
export function plain(path: string, name: string): ArchiveEntry {
  return { path, mode: 0o644, content: readFileSync(guestFile(name)) };
}

/** Modes are written down here: those of a checkout depend on somebody's umask. */
export function executable(path: string, name: string): ArchiveEntry {
  return { path, mode: 0o755, content: readFileSync(guestFile(name)) };
}
