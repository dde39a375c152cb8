import { existsSync, mkdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { hasDaemons, type OfferedShares } from "./host-share.js";

/** Makes the directory of the daemons' sockets, where there are daemons, for its owner alone. */
export function makeShareDirectory(shares: OfferedShares): void {
  if (hasDaemons(shares)) mkdirSync(shares.directory, 0o700);
}

/** What the launcher's environment has besides, for `isShareLost`. */
export function shareEnvironment({ directory }: OfferedShares): { readonly VM_SHARE_LOST: string } {
  return { VM_SHARE_LOST: `${directory}.lost` };
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
    for (const file of [id, `${id}.starting`, `${id}.failed`, `${id}.log`])
      quietly(() => unlinkSync(join(directory, file)));
    // Never what is in it: some mount namespace may still show the host's files there.
    quietly(() => rmdirSync(join(directory, `${id}.root`)));
  }
  quietly(() => rmdirSync(directory));
  quietly(() => unlinkSync(shareEnvironment(offered).VM_SHARE_LOST));
}

function quietly(remove: () => void): void {
  try {
    remove();
  } catch {
    // Gone already.
  }
}
