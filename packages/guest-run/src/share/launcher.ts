import { virtiofsScript } from "../guest-asset.js";
import type { HostShare, OfferedShares } from "./host-share.js";

/**
 * The command that starts a virtiofsd for each share, waits until all of them listen, and becomes `argv` (QEMU), with the
 * same pid: see guest/vm-virtiofs. Just `argv` where there is nothing to start.
 */
export function withShareDaemons(
  argv: readonly [program: string, ...args: string[]],
  { way, shares, directory }: OfferedShares,
): readonly [program: string, ...args: string[]] {
  if (way.kind === "9p" || shares.length === 0) return argv;
  const launcher = ["/bin/sh", virtiofsScript()] as const;
  const { kind, path } = way.daemon;
  const words = ({ id, access, cache, path: source }: HostShare): string[] => {
    const mode = access === "read-only" ? "ro" : "rw";
    return [...launcher, "share", directory, id, mode, cache, kind, path, source];
  };
  const [first, ...rest] = [...shares.flatMap(words), ...launcher, "wait", directory, ...argv];
  return first === undefined ? argv : [first, ...rest];
}
