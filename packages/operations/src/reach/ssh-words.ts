import { join } from "node:path";
import { HOST_KEY_ALIAS, type GuestKeys } from "./guest-keys.js";
import type { ReachedGuest } from "./reached-guest.js";

/** The ssh master's socket, in the guest's entry: whoever speaks to it has a session in the guest. */
export function controlPath({ entry }: Pick<ReachedGuest, "entry">): string {
  return join(entry, "ssh");
}

/** What the master's ssh writes. */
export function masterLog({ entry }: Pick<ReachedGuest, "entry">): string {
  return join(entry, "ssh.log");
}

/** `-o` words of settings. */
export function settings(pairs: readonly (readonly [name: string, value: string])[]): string[] {
  return pairs.flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** ssh reads a value as words: one with blanks or quotes stands in quotes, and a `%` is doubled. */
export function configWord(value: string): string {
  return `"${value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', String.raw`\"`)
    .replaceAll("%", "%%")}"`;
}

/** Who we are, and who the guest is. */
export function identityWords({ identity, knownHosts }: GuestKeys): [name: string, value: string][] {
  return [
    ["User", "root"],
    ["HostKeyAlias", HOST_KEY_ALIAS],
    ["UserKnownHostsFile", configWord(knownHosts)],
    ["StrictHostKeyChecking", "yes"],
    ["IdentityFile", configWord(identity)],
    ["IdentitiesOnly", "yes"],
    ["IdentityAgent", "none"],
    ["BatchMode", "yes"],
    ["ForwardAgent", "no"],
  ];
}

/** Sessions over the master alone: where it has gone there is no other way to the guest, and no other host is tried. */
export function sessionWords(guest: Pick<ReachedGuest, "entry">): string[] {
  return [
    "-F",
    "none",
    ...settings([
      ["ControlPath", configWord(controlPath(guest))],
      ["ControlMaster", "no"],
      ["ProxyCommand", "false"],
      ["BatchMode", "yes"],
    ]),
  ];
}

/** Sent along: a bash that is told that it is not the outermost one leaves ~/.bashrc alone, which may take seconds. */
export const NO_STARTUP_FILES: Readonly<Record<string, string>> = { SHLVL: "5" };
