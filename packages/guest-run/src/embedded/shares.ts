import type { HostShare } from "../share/host-share.js";
import { rootTag } from "./bootstrap.js";
import type { EmbeddedGuest } from "./guest.js";
import { shareTag } from "./mounts.js";

/** What the host shares with the embedded guest, in the order of QEMU's options. */
export function embeddedShares({ kernel, root = "/", shares = [], share }: EmbeddedGuest): HostShare[] {
  const readOnly = { access: "read-only", cache: "none" } as const;
  const { tree, modulesIndex } = kernel;
  return [
    { ...readOnly, id: "vm-root", tag: rootTag(share?.kind ?? "9p"), path: root, cache: "always" },
    ...(tree === undefined ? [] : [{ ...readOnly, id: "modules", tag: "modules", path: tree }]),
    ...(modulesIndex === undefined
      ? []
      : [{ ...readOnly, id: "modules-index", tag: "modules-index", path: modulesIndex }]),
    ...shares.map(({ path, access }, index): HostShare => {
      const tag = shareTag(index);
      return { id: tag, tag, path, access, cache: "auto" };
    }),
  ];
}
