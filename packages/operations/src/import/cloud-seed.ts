import { randomName } from "@vm/host-files";
import { requestError } from "../request/request-error.js";
import { fatImage } from "./fat-image.js";

/** What a cloud image's guest is told for its first boot. */
export interface CloudSettings {
  readonly user?: string;
  /** Lines as in `authorized_keys`. */
  readonly sshKeys?: readonly string[];
  readonly hostname?: string;
}

/**
 * The disk by which cloud-init hears of it: a file system called CIDATA with `user-data` and `meta-data`. Undefined where there is nothing to say.
 * Source: cloud-init's documentation, "NoCloud" and "Cloud config examples".
 * @throws `REQUEST_INVALID`
 */
export function cloudSeed({ user, sshKeys = [], hostname }: CloudSettings): Buffer | undefined {
  if (user !== undefined) checkUser(user);
  if (hostname !== undefined) checkHostname(hostname);
  if (user === undefined && sshKeys.length === 0 && hostname === undefined) return undefined;
  if (user !== undefined && sshKeys.length === 0) {
    throw requestError("user", `nothing would let ${user} in`, "Give a public key with --ssh-key FILE.");
  }
  const userData = {
    ...(hostname === undefined ? {} : { hostname }),
    ...(user === undefined
      ? sshKeys.length === 0
        ? {}
        : { ssh_authorized_keys: sshKeys }
      : {
          users: [
            {
              name: user,
              shell: "/bin/bash",
              sudo: "ALL=(ALL) NOPASSWD:ALL",
              lock_passwd: true,
              ssh_authorized_keys: sshKeys,
            },
          ],
        }),
  };
  const metaData = {
    // Another one makes cloud-init do its work again.
    "instance-id": `vm-${randomName()}`,
    ...(hostname === undefined ? {} : { "local-hostname": hostname }),
  };
  // JSON is YAML, and needs no quoting of ours.
  return fatImage("CIDATA", [
    { name: "user-data", content: `#cloud-config\n${JSON.stringify(userData, null, 2)}\n` },
    { name: "meta-data", content: `${JSON.stringify(metaData, null, 2)}\n` },
  ]);
}

/** As Debian's and Fedora's useradd take it. */
function checkUser(name: string): void {
  if (/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) return;
  throw requestError("user", `${JSON.stringify(name)} cannot be the name of a user`, "For example: me");
}

/** RFC 1123. */
function checkHostname(name: string): void {
  const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
  if (name.length <= 253 && name.split(".").every((part) => label.test(part))) return;
  throw requestError(
    "hostname",
    `${JSON.stringify(name)} cannot be the name of a host`,
    "For example: testvm",
  );
}
