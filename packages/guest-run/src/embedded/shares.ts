import { codedError } from "@vm/command-plan";
import { realPath } from "../share/hidden-places.js";
import type { HostShare } from "../share/host-share.js";
import { rootTag } from "./bootstrap.js";
import type { EmbeddedGuest, Share } from "./guest.js";
import { shareTag } from "./share-mounts.js";

/** What the host shares with the embedded guest, in the order of QEMU's options. */
export function embeddedShares({ kernel, root = "/", shares = [], share }: EmbeddedGuest): HostShare[] {
  const readOnly = { access: "read-only", cache: "none", submounts: "flat" } as const;
  const { tree, modulesIndex } = kernel;
  return [
    { ...readOnly, id: "vm-root", tag: rootTag(share?.kind ?? "9p"), path: root, cache: "always" },
    ...(tree === undefined ? [] : [{ ...readOnly, id: "modules", tag: "modules", path: tree }]),
    ...(modulesIndex === undefined
      ? []
      : [{ ...readOnly, id: "modules-index", tag: "modules-index", path: modulesIndex }]),
    ...shares.map(({ path, access }, index): HostShare => {
      const tag = shareTag(index);
      return { id: tag, tag, path, access, cache: "auto", submounts: "announced" };
    }),
  ];
}

/**
 * The shares in the order in which they have to be mounted: a directory before what is in it, however it is named.
 *
 * @throws `SHARES_CONFLICT` when a directory is both for reading and for writing, or two are for one place of the guest
 */
export function orderShares(shares: readonly Share[]): Share[] {
  const ordered = new Map<string, Share>();
  for (const share of shares) {
    const path = share.target ?? realPath(share.path);
    const other = ordered.get(path);
    if (other !== undefined && realPath(other.path) !== realPath(share.path)) {
      throw codedError(
        "SHARES_CONFLICT",
        `${other.path} and ${share.path} are both to be ${path} of the guest.`,
        {
          hint: "Give each a place of its own: --share DIRECTORY:GUESTPATH.",
        },
      );
    }
    if (other !== undefined && other.access !== share.access) {
      throw codedError(
        "SHARES_CONFLICT",
        `${path} is shared both for reading (--ro) and for writing (--rw).`,
        {
          hint: "Name it once.",
        },
      );
    }
    if (other === undefined) ordered.set(path, share);
  }
  return [...ordered].toSorted(([a], [b]) => depth(a) - depth(b)).map(([, share]) => share);
}

function depth(path: string): number {
  return path.split("/").length;
}
