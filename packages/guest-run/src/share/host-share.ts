import { join } from "node:path";
import {
  sharedMemory,
  virtfsShareOn,
  architectureNamed,
  virtioBusOf,
  virtiofsShare,
  type QemuOption,
} from "@vm/qemu-argv";
import type { ShareView } from "./share-view.js";
import type { Virtiofsd } from "./virtiofsd.js";

/** How files of the host come to the guest. */
export type ShareWay = { readonly kind: "9p" } | { readonly kind: "virtiofs"; readonly daemon: Virtiofsd };

/** A directory of the host for the guest to mount. */
export interface HostShare {
  readonly id: string;
  readonly tag: string;
  /** Absolute. */
  readonly path: string;
  readonly access: "read-only" | "read-write";
  /**
   * What the guest may keep of it without asking the host again (virtiofs; with 9p the guest's mount says it): nothing; what
   * the host says is unchanged; all.
   */
  readonly cache: "none" | "auto" | "always";
  /**
   * What the guest is told of file systems mounted below it (virtiofs): where they are, or nothing. An overlay cannot
   * have directories below it that are mount points.
   */
  readonly submounts: "announced" | "flat";
}

/** Shares with the sockets of their daemons, where they have such, and views of those of which a guest must not see all. */
export interface OfferedShares {
  readonly way: ShareWay;
  readonly shares: readonly HostShare[];
  /** Where the sockets will be: an empty directory of this run's own, with a short absolute path. */
  readonly directory: string;
  readonly views: readonly ShareView[];
  /** What QEMU must not be able to read, where there can be no views (Landlock). */
  readonly denied: readonly string[];
  /** `less`: QEMU, run by root, shall be able neither to make device nodes nor to look into processes with more rights. */
  readonly rights: "usual" | "less";
}

/** Whether processes of their own offer the shares. */
export function hasDaemons({ way, shares }: Pick<OfferedShares, "way" | "shares">): boolean {
  return way.kind === "virtiofs" && shares.length > 0;
}

/** QEMU's options for the shares alone. */
export function shareOptions({ way, shares, directory, views }: OfferedShares, arch: string): QemuOption[] {
  const bus = virtioBusOf(arch);
  const seen = (share: HostShare): string => views.find(({ id }) => id === share.id)?.place ?? share.path;
  return shares.flatMap((share): QemuOption[] => {
    const { id, tag, access } = share;
    return way.kind === "9p"
      ? virtfsShareOn(bus, { id, path: seen(share), mountTag: tag, access, multidevs: "remap" })
      : virtiofsShare(bus, { id, socket: join(directory, id), mountTag: tag });
  });
}

/**
 * What the whole of the options wants besides, in the end: memory that virtiofsd can see.
 *
 * @throws `QEMU_VALUE_INVALID` when their own memory cannot be shared
 */
export function shareMemory(
  offered: Pick<OfferedShares, "way" | "shares">,
  options: readonly QemuOption[],
  arch: string,
): QemuOption[] {
  if (!hasDaemons(offered)) return [];
  // What QEMU gives a guest that is not told (default_ram_size).
  return sharedMemory(options, architectureNamed(arch)?.defaultMemory ?? "128M");
}
