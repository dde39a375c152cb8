import { type Installation, readInstallation } from "@vm/arch-installer";
import type { Host } from "../host.js";
import { requestError } from "../request/request-error.js";
import type { InstallRequest } from "../request/request.js";

/** What is installed on, as the guest sees it. */
const DISK = "/dev/vda";

/** Gives root's password where the request has none. It may throw. */
export type AskPassword = (hostname: string) => Promise<string>;

/**
 * The installation that a request describes, for a guest that nobody sits at: its disk is blank, and what has to be asked
 * is asked here.
 */
export async function readUnattended(
  { vm: name, mirror, installation: wanted = {} }: InstallRequest,
  { cwd }: Pick<Host, "cwd">,
  askPassword: AskPassword,
): Promise<Installation> {
  const given = {
    ...wanted,
    ...(mirror === undefined || wanted.pacmanMirrors !== undefined
      ? {}
      : { pacmanMirrors: [mirrorlistEntry(mirror)] }),
  };
  const read = await readInstallation(given, { cwd, hostname: name }).catch((error: unknown) => {
    throw inWordsOfVm(error, wanted.hostname);
  });
  if (read.rootDev !== DISK) {
    throw requestError(
      "installation.rootDev",
      `the disk of the VM is ${DISK}, and there is no ${read.rootDev}`,
    );
  }
  if (read.proxyExcept !== undefined && read.httpProxy === undefined) {
    throw requestError(
      "installation.proxyExcept",
      "it names hosts that need no proxy, and there is none",
      "Add --http-proxy URL.",
    );
  }
  const installation: Installation = { ...read, wipe: "always" };
  if (installation.rootPassword.kind !== "ask") return installation;
  const password = await askPassword(installation.hostname);
  return { ...installation, rootPassword: { kind: "plain", password } };
}

/** Where to read on is in this command's help, and the host name may be one that nobody typed. */
function inWordsOfVm(error: unknown, hostname: string | undefined): unknown {
  if (!(error instanceof Error) || !("hint" in error) || typeof error.hint !== "string") return error;
  if (hostname === undefined && error.message.startsWith("hostname:")) {
    return Object.assign(error, { hint: "It is the VM's name where --hostname gives no other." });
  }
  return Object.assign(error, { hint: error.hint.replace("arch-install", "vm install") });
}

/** As pacman's mirrorlist has it. What is on this host is at 10.0.2.2 for the guest (QEMU's user-mode network). */
function mirrorlistEntry(mirror: string): string {
  const base = mirror.replace(/\/+$/, "");
  const inGuest = base.replace(
    /^(\w+:\/\/)(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/]|$)/i,
    "$110.0.2.2",
  );
  return `${inGuest}/$repo/os/$arch`;
}
