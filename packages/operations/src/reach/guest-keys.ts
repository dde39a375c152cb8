import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codedError, errorCode, findProgram } from "@vm/command-plan";
import type { SshdKeys } from "@vm/guest-run";
import { makeDirectory } from "@vm/host-files";
import type { Host } from "../host.js";
import { keysDirectory } from "./keys-directory.js";

/** The keys by which the guests of one directory of VMs are reached, and the files that ssh wants to have of them. Absolute paths. */
export interface GuestKeys {
  readonly identity: string;
  readonly knownHosts: string;
  /** What the guest's sshd is handed for a connection. */
  readonly sshd: SshdKeys;
}

/** The name that all guests have in our known_hosts: they show the one key that we hand them. */
export const HOST_KEY_ALIAS = "vm";

/**
 * The keys of the host's directory of VMs, made at the first use: in `.keys` there, which no guest sees (guest/privacy.ts).
 * @throws `SSH_NOT_FOUND`, `KEYS_UNUSABLE`
 */
export function guestKeys(host: Host): GuestKeys {
  const directory = keysDirectory(host);
  const path = (name: string): string => join(directory, name);
  try {
    if (!existsSync(path("known-hosts"))) makeKeys(directory, host);
    return {
      identity: path("guest"),
      knownHosts: path("known-hosts"),
      sshd: {
        host: readFileSync(path("host"), "utf8"),
        authorized: readFileSync(path("guest.pub"), "utf8"),
      },
    };
  } catch (cause) {
    if (errorCode(cause) === "SSH_NOT_FOUND") throw cause;
    throw codedError(
      "KEYS_UNUSABLE",
      `${directory}: the keys for guests cannot be made or read: ${String(cause)}`,
      {
        hint: "Remove that directory if it is broken: new keys are made. Set VM_HOME where it cannot be written.",
        cause,
      },
    );
  }
}

/** Made beside it and renamed: there whole or not at all. Of two at once the first stays. */
function makeKeys(directory: string, { env }: Host): void {
  const draft = `${directory}.new-${randomBytes(6).toString("hex")}`;
  makeDirectory(draft, { mode: 0o700 });
  try {
    for (const name of ["guest", "host"]) keygen(join(draft, name), env);
    const [type = "", key = ""] = readFileSync(join(draft, "host.pub"), "utf8").split(" ");
    writeFileSync(join(draft, "known-hosts"), `${HOST_KEY_ALIAS} ${type} ${key.trim()}\n`, { mode: 0o600 });
    if (existsSync(directory) && !existsSync(join(directory, "known-hosts"))) {
      rmSync(directory, { recursive: true });
    }
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    const code = errorCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

function keygen(file: string, env: Host["env"]): void {
  const program = findProgram("ssh-keygen", env);
  if (program === undefined) throw sshNotFound("ssh-keygen");
  const { status, stderr, error } = spawnSync(
    program,
    ["-q", "-t", "ed25519", "-N", "", "-C", "vm", "-f", file],
    { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] },
  );
  if (status !== 0) throw error ?? new Error(`ssh-keygen: ${stderr.trim()}`);
}

/** The path of a program of OpenSSH's client. @throws `SSH_NOT_FOUND` */
export function sshProgram(name: "ssh" | "scp", env: Host["env"]): string {
  const path = findProgram(name, env);
  if (path === undefined) throw sshNotFound(name);
  return path;
}

function sshNotFound(name: string): Error {
  return codedError("SSH_NOT_FOUND", `${name} was not found in PATH`, {
    hint: "Install OpenSSH's client: apt install openssh-client (Debian, Ubuntu), pacman -S openssh (Arch Linux).",
  });
}
