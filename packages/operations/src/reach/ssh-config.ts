import { join } from "node:path";
import { quoteShell, type Step } from "@vm/command-plan";
import { SSHD_CONFIG } from "@vm/guest-run";
import type { Host } from "../host.js";
import type { SshConfigRequest } from "../request/request.js";
import { guestKeys, HOST_KEY_ALIAS, sshProgram } from "./guest-keys.js";
import { findReachedGuest, type ReachedGuest } from "./reached-guest.js";
import { ensureMaster } from "./ssh-master.js";
import {
  configWord,
  controlPath,
  identityWords,
  NO_STARTUP_FILES,
  sessionWords,
  settings,
} from "./ssh-words.js";

/**
 * Hosts of ssh_config(5), `vm-NAME` each, for guests that run: for ssh, scp, rsync and editors. It stays right when a guest is started anew.
 * @throws what `findReachedGuest` and `guestKeys` throw
 */
export function sshConfig({ guests }: SshConfigRequest, host: Host): string {
  return guests
    .map((name) => configText(hostPattern(`vm-${name}`), findReachedGuest(name, host), host))
    .join("\n");
}

/** The file of one guest for programs that we start, who call it `vm`, and the step that writes it. */
export function configFile(guest: ReachedGuest, host: Host): { readonly path: string; readonly step: Step } {
  const path = join(guest.entry, "ssh-config");
  return { path, step: { kind: "write-file", path, content: configText("*", guest, host), mode: 0o600 } };
}

/** How programs that we start call the guest. */
export const GUEST_HOST: string = HOST_KEY_ALIAS;

/**
 * Over the guest's master where there is one; else ssh runs a program that opens it, and has a session of it carry the connection.
 */
function configText(pattern: string, guest: ReachedGuest, host: Host): string {
  const through = [...host.program, "ssh-connect", guest.name].map(quoteShell).join(" ");
  const lines: [name: string, value: string][] = [
    ...identityWords(guestKeys(host)),
    ["ControlPath", configWord(controlPath(guest))],
    ["ControlMaster", "no"],
    // A variable stands for where VMs are, as another ssh may be started elsewhere.
    ["ProxyCommand", `${withHome(host)}${through}`.replaceAll("%", "%%")],
  ];
  return `Host ${pattern}\n${lines.map(([name, value]) => `  ${name} ${value}\n`).join("")}`;
}

/** The variables by which the guest is found, where they are not as usual. */
function withHome({ env }: Host): string {
  const set = ["VM_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"].flatMap((name) => {
    const value = env[name];
    return value ? [quoteShell(`${name}=${value}`)] : [];
  });
  return set.length === 0 ? "" : `env ${set.join(" ")} `;
}

/** A name is meant as it is: ssh has patterns in it, and words that end at a blank. A `?` fits any letter. */
function hostPattern(name: string): string {
  return name.replaceAll(/[^\w.@:+=~-]/g, "?");
}

/**
 * The program that carries one more ssh connection to a guest on its standard input and output: the guest's sshd, in a session of the master.
 * @throws what `findReachedGuest` and `ensureMaster` throw
 */
export async function sshConnection(
  name: string,
  host: Host,
): Promise<{ readonly argv: [string, ...string[]]; readonly env: NodeJS.ProcessEnv }> {
  const guest = findReachedGuest(name, host);
  await ensureMaster(guest, host);
  const serve = `exec sh -c 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; exec "$(command -v sshd)" -i -f ${SSHD_CONFIG}'`;
  const words = [...sessionWords(guest), ...settings([["SendEnv", "SHLVL"]])];
  return {
    argv: [sshProgram("ssh", host.env), ...words, "-T", GUEST_HOST, serve],
    env: { ...host.env, ...NO_STARTUP_FILES },
  };
}
