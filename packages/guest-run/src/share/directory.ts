import { existsSync, mkdirSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Privacy } from "./hidden-places.js";
import { hasDaemons, type HostShare, type OfferedShares, type ShareWay } from "./host-share.js";
import { canDropRights, deniedPlaces, findConfinement, planViews } from "./view.js";

/** Of a socket's path, whose 107 bytes also hold the names in it. */
const MAX_BASE_BYTES = 60;

/**
 * The shares with a name for the directory of their sockets, like no other, where they have such, and with views. Makes
 * nothing.
 *
 * @throws `SHARES_CONFLICT`
 */
export function offerShares(
  way: ShareWay,
  shares: readonly HostShare[],
  privacy: Privacy = {},
): OfferedShares {
  const confinement = findConfinement(way.kind, privacy.env ?? process.env);
  const views = planViews(shares, { way: way.kind, privacy, confinement });
  const denied = confinement === "landlock" && shares.length > 0 ? deniedPlaces(shares, privacy) : [];
  // A virtiofsd has been told.
  const writes = way.kind === "9p" && shares.some(({ access }) => access === "read-write");
  const rights =
    (writes || denied.length > 0) && canDropRights(privacy.env ?? process.env) ? "less" : "usual";
  return { way, shares, views, denied, rights, directory: hasDaemons({ way, shares }) ? newDirectory() : "" };
}

function newDirectory(): string {
  const base = tmpdir();
  const isUsable = base.startsWith("/") && Buffer.byteLength(base) <= MAX_BASE_BYTES;
  // Whoever makes it fails when it is there, so nobody needs to be kept from guessing it.
  const digits = [0, 0].map(() =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  );
  return join(isUsable ? base : "/tmp", `vm-${digits.join("")}`);
}

/** Makes the directory of the daemons' sockets, where there are daemons, for its owner alone. */
export function makeShareDirectory(shares: OfferedShares): void {
  if (hasDaemons(shares)) mkdirSync(shares.directory, 0o700);
}

/** What the launcher's environment has besides, for `isShareLost`. */
export function shareEnvironment({ directory }: OfferedShares): { readonly VM_SHARE_LOST: string } {
  return { VM_SHARE_LOST: join(directory, "lost") };
}

/** Whether QEMU was ended because a virtiofsd had: its own status is that of an orderly end. */
export function isShareLost(offered: OfferedShares): boolean {
  return hasDaemons(offered) && existsSync(shareEnvironment(offered).VM_SHARE_LOST);
}

/** Removes it with all that is left in it: the daemons' watchers do so themselves, unless they were killed. */
export function removeShareDirectory(offered: OfferedShares): void {
  if (!hasDaemons(offered)) return;
  const { directory, shares } = offered;
  for (const { id } of shares) {
    for (const file of [id, `${id}.starting`, `${id}.failed`, `${id}.log`, `${id}.pid`])
      quietly(() => unlinkSync(join(directory, file)));
    // Never what is in it: some mount namespace may still show the host's files there.
    quietly(() => rmdirSync(join(directory, `${id}.root`)));
  }
  quietly(() => unlinkSync(shareEnvironment(offered).VM_SHARE_LOST));
  quietly(() => rmdirSync(directory));
}

function quietly(remove: () => void): void {
  try {
    remove();
  } catch {
    // Gone already.
  }
}
