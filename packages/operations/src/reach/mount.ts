import { codedError, findProgram, type Plan } from "@vm/command-plan";
import { existingDirectory } from "../request/request-error.js";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { findReachedGuest } from "./reached-guest.js";
import { configFile, GUEST_HOST } from "./ssh-config.js";
import { ensureMaster } from "./ssh-master.js";
import type { MountRequest } from "../request/request.js";

/** @throws `SSHFS_NOT_FOUND`, `REQUEST_INVALID`, and what `findReachedGuest` and `ensureMaster` throw */
export async function mountPlan(
  { guest: name, directory, from = "/", access = "read-write" }: MountRequest,
  mode: Mode,
  host: Host,
): Promise<Plan> {
  const place = existingDirectory(directory, "directory", host.cwd);
  const sshfs = findProgram("sshfs", host.env);
  if (sshfs === undefined) {
    throw codedError("SSHFS_NOT_FOUND", "sshfs was not found in PATH", {
      hint: "Install it: apt install sshfs (Debian, Ubuntu), pacman -S sshfs (Arch Linux). vm cp copies without.",
    });
  }
  const guest = findReachedGuest(name, host);
  if (mode === "run") await ensureMaster(guest, host);
  const { path, step } = configFile(guest, host);
  const options = access === "read-only" ? ["-o", "ro"] : [];
  return [step, { kind: "run", argv: [sshfs, "-F", path, ...options, `${GUEST_HOST}:${from}`, place] }];
}
